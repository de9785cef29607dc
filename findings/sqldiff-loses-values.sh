#!/bin/sh
# sqldiff 3.40.1 (Debian sqlite3-tools 3.40.1-2+deb12u2)
# Expected: the SQL that sqldiff prints turns the first database into the second ("Output SQL text that would transform DB1 into DB2").
# Seen: 0.1+0.2 is written as 0.3, infinity as the bare word Inf, which sqlite3 cannot parse, and text ends at its first NUL. Applying the
# output and comparing again reports the same differences for ever. Exit status 0 throughout.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch sqlite3-tools=3.40.1-2+deb12u2; fetch sqlite3=3.40.1-2+deb12u2; fetch libsqlite3-0=3.40.1-2+deb12u2
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libsqlite3.so.0' | head -n 1)")
export PATH LD_LIBRARY_PATH

sqlite3 a.db "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES(1,0),(2,0),(3,0)"
cp a.db b.db
sqlite3 b.db "UPDATE t SET v=0.1+0.2 WHERE id=1; UPDATE t SET v=9e999 WHERE id=2; UPDATE t SET v=CAST(x'610062' AS TEXT) WHERE id=3"
sqldiff a.db b.db >patch.sql
cat patch.sql
sqlite3 a.db <patch.sql 2>errors || true
cat errors
echo "differences left after the patch was applied:"
sqldiff a.db b.db | tee left.sql
[ "$(cat patch.sql)" = "UPDATE t SET v=0.3 WHERE id=1;
UPDATE t SET v=Inf WHERE id=2;
UPDATE t SET v='a' WHERE id=3;" ]
grep -q 'no such column: Inf' errors
cmp -s patch.sql left.sql
echo "as found"
