#!/bin/sh
# sqldiff 3.40.1 (Debian sqlite3-tools 3.40.1-2+deb12u2)
# Expected: with --primarykey, rows are told apart by their declared key, and the output can be applied.
# Seen: a PRIMARY KEY may be NULL in SQLite, and for such a row sqldiff prints DELETE … WHERE k=NULL, which deletes nothing, and an INSERT. Applying the
# output doubles every row with a NULL key, changed or not.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch sqlite3-tools=3.40.1-2+deb12u2; fetch sqlite3=3.40.1-2+deb12u2; fetch libsqlite3-0=3.40.1-2+deb12u2
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libsqlite3.so.0' | head -n 1)")
export PATH LD_LIBRARY_PATH

sqlite3 a.db "CREATE TABLE t(k TEXT PRIMARY KEY, v); INSERT INTO t VALUES(NULL,1),(NULL,2),('a',3)"
cp a.db b.db
sqlite3 b.db "UPDATE t SET v=4 WHERE v=3"
sqldiff --primarykey a.db b.db | tee patch.sql
sqlite3 a.db <patch.sql
echo "rows: $(sqlite3 a.db 'SELECT count(*) FROM t') where the other database has $(sqlite3 b.db 'SELECT count(*) FROM t')"
grep -q 'DELETE FROM t WHERE k=NULL' patch.sql
[ "$(sqlite3 a.db 'SELECT count(*) FROM t')" = 5 ]
echo "as found"
