#!/bin/sh
# Builds a newer SQLite with the session extension than Debian's, for oracle.py: tests-integration/target/oracle/libsqlite3.so.
# The source is the amalgamation that the npm package better-sqlite3 carries. Takes a minute, once. Without npm, gcc or a
# registry the tests use Debian's library, in which apply has fewer abilities.
set -eu
version=12.11.1 # SQLite 3.53.2
cd "$(dirname "$0")/.."
library=target/oracle/libsqlite3.so
[ ! -e "$library" ] || exit 0
for program in npm gcc tar; do
    command -v "$program" >/dev/null 2>&1 || { echo "oracle/newer.sh: no $program, so Debian's SQLite has to do"; exit 0; }
done
mkdir -p target/oracle
cd target/oracle
npm pack --silent "better-sqlite3@$version" >/dev/null 2>&1 || { echo "oracle/newer.sh: npm cannot fetch better-sqlite3, so Debian's SQLite has to do"; exit 0; }
tar -xzf "better-sqlite3-$version.tgz" package/deps/sqlite3
gcc -O1 -fPIC -shared -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
    -o libsqlite3.so.new package/deps/sqlite3/sqlite3.c -lm
rm -rf package "better-sqlite3-$version.tgz"
mv libsqlite3.so.new libsqlite3.so
