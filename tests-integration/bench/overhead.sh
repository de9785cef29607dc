#!/usr/bin/env bash
# What the lock costs one write: system calls of the whole command, and time inside one process; prints its tables.
#   overhead.sh [WRITES=300] [DIRECTORY]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
launcher=${SQLITE_SAFE:-$root/packaging/target/sqlite-safe/bin/sqlite-safe}
scratch=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/overhead.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
db=$scratch/app.db
sqlite3 "$db" 'CREATE TABLE counter(n); INSERT INTO counter VALUES(0);'

calls() { # calls LABEL COMMAND...
  local label=$1
  shift
  strace -f -qq -y -o "$scratch/trace" "$@" >/dev/null
  printf '%-22s %10s %12s %10s %8s\n' "$label" \
    "$(grep -c "$scratch" "$scratch/trace")" \
    "$(grep -c 'app.db.lock' "$scratch/trace" || true)" \
    "$(grep "$scratch" "$scratch/trace" | grep -cE ' f(data)?sync\(' || true)" \
    "$(grep -cE ' (fdatasync|fsync)\(.*app\.db\.lock' "$scratch/trace" || true)"
}
printf '%-22s %10s %12s %10s %8s\n' 'one write' 'calls here' 'on the lock' 'syncs' '(lock)'
update='UPDATE counter SET n = n + 1'
calls sqlite3 sqlite3 "$db" "BEGIN IMMEDIATE; $update; COMMIT;"
calls 'sqlite-safe write' "$launcher" write "$db" "$update"
echo
java=$(command -v java)
exec "$java" "-Dorg.sqlite.lib.path=$(dirname "$launcher")/../lib/native" -cp "$(printf '%s:' "$(dirname "$launcher")"/../lib/*.jar)" "$here/WriteOverhead.java" "$scratch" "${1:-300}"
