#!/bin/sh
# Builds SQLite's own shell with ".recover" (Debian's is built without), for the comparison in recover/:
# tests-integration/target/oracle/sqlite3. The source is SQLite's release that the npm package sqlite3 carries. Takes two minutes,
# once. Without npm, gcc or a registry the tests that ask it are skipped.
set -eu
version=6.0.1 # SQLite 3.52.0
cd "$(dirname "$0")/.."
[ ! -e target/oracle/sqlite3 ] || exit 0
for program in npm gcc tar; do
    command -v "$program" >/dev/null 2>&1 || { echo "oracle/shell.sh: no $program, so there is no .recover to compare with"; exit 0; }
done
mkdir -p target/oracle/shell
cd target/oracle/shell
npm pack --silent "sqlite3@$version" >/dev/null 2>&1 || { echo "oracle/shell.sh: npm cannot fetch sqlite3, so there is no .recover to compare with"; exit 0; }
tar -xzf "sqlite3-$version.tgz" package/deps
tar -xzf package/deps/sqlite-autoconf-*.tar.gz --strip-components=1
gcc -O2 -DSQLITE_ENABLE_DBPAGE_VTAB -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_FTS3 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
    -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_THREADSAFE=0 -o ../sqlite3.new shell.c sqlite3.c -lm
cd ..
rm -rf shell
mv sqlite3.new sqlite3
