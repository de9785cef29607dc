#!/bin/sh
# sqldiff 3.40.1 (Debian sqlite3-tools 3.40.1-2+deb12u2)
# Expected: a value that is stored differently is a difference.
# Seen: values are compared with the column's collation and as numbers, so 'abc' and 'ABC' in a COLLATE NOCASE column, and 1 and 1.0 in a column
# without a type, are "no difference". An empty output with exit status 0 therefore does not say that two databases hold the same data.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch sqlite3-tools=3.40.1-2+deb12u2; fetch sqlite3=3.40.1-2+deb12u2; fetch libsqlite3-0=3.40.1-2+deb12u2
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libsqlite3.so.0' | head -n 1)")
export PATH LD_LIBRARY_PATH

sqlite3 a.db "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, v); INSERT INTO t VALUES(1,'abc',1)"
cp a.db b.db
sqlite3 b.db "UPDATE t SET name='ABC', v=1.0"
echo "a: $(sqlite3 a.db 'SELECT name, typeof(v) FROM t')   b: $(sqlite3 b.db 'SELECT name, typeof(v) FROM t')"
sqldiff a.db b.db >out
echo "sqldiff: exit status $?, $(wc -c <out) bytes"
[ "$(sqlite3 b.db 'SELECT name, typeof(v) FROM t')" = 'ABC|real' ]
[ ! -s out ]
echo "as found"
