#!/usr/bin/env bash
# What changeset apply costs beside SQLite's sqlite3changeset_apply, in processor time of the one thread; prints a table.
#   changeset-apply.sh
# The library is what oracle/newer.sh has built, or Debian's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
launcher=${SQLITE_SAFE:-$root/packaging/target/sqlite-safe/bin/sqlite-safe}
newer=$here/../target/oracle/libsqlite3.so
[ ! -e "$newer" ] || export SQLITE_SAFE_ORACLE_LIBRARY=${SQLITE_SAFE_ORACLE_LIBRARY:-$newer}
exec java -Xmx1g "-Dorg.sqlite.lib.path=$(dirname "$launcher")/../lib/native" -cp "$(printf '%s:' "$(dirname "$launcher")"/../lib/*.jar)" "$here/ApplyCost.java" "$here/../oracle/oracle.py"
