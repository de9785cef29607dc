#!/bin/sh
# sqldiff 3.40.1 (Debian sqlite3-tools 3.40.1-2+deb12u2)
# Expected: a database that does not exist is an error.
# Seen: it is created, empty; where it is the second, the output is DROP TABLE for everything in the first, with exit status 0. A pipe into sqlite3 empties the database.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch sqlite3-tools=3.40.1-2+deb12u2; fetch sqlite3=3.40.1-2+deb12u2; fetch libsqlite3-0=3.40.1-2+deb12u2
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libsqlite3.so.0' | head -n 1)")
export PATH LD_LIBRARY_PATH

sqlite3 a.db "CREATE TABLE t(x); INSERT INTO t VALUES(1)"
sqldiff a.db mistyped.db | tee patch.sql
ls -l mistyped.db
[ "$(cat patch.sql)" = 'DROP TABLE t;' ]
[ -f mistyped.db ]
echo "as found"
