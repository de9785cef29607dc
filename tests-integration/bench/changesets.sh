#!/usr/bin/env bash
# Export beside sqldiff, and capture of one large UPDATE beside SQLite's session extension; prints its tables.
#   changesets.sh [ROWS=800000] [CAPTURED=100000] [DIRECTORY]
# 800000 rows make a pair of databases of 100 MB each; 8000000 of 1 GB. One row in a hundred differs.
# Needs sqlite3, python3 and, for comparison, sqldiff (Debian package sqlite3-tools).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
launcher=${SQLITE_SAFE:-$root/packaging/target/sqlite-safe/bin/sqlite-safe}
rows=${1:-800000}
captured=${2:-100000}
scratch=$(mktemp -d "${3:-${TMPDIR:-/tmp}}/changesets.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

make() { # make SPREAD: the changed rows lie scattered, or together
  rm -f base.db now.db
  sqlite3 base.db "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
    CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL, d BLOB);
    WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < $rows)
    INSERT INTO t SELECT x, x * 7919 % 1000003, 'some text of row ' || x, x * 0.25, randomblob(80) FROM c;" >/dev/null
  cp base.db now.db
  local where="id % 100 = 7"
  [ "$1" = scattered ] || where="id BETWEEN $rows / 2 AND $rows / 2 + $rows / 100"
  sqlite3 now.db "PRAGMA synchronous=OFF; UPDATE t SET a = a + 1 WHERE $where" >/dev/null
}

declare -A first firstcpu
measure() { # measure LABEL COMMAND...: the median of three runs, after one that fills the caches
  local label=$1 times=() t
  shift
  "$@" >/dev/null
  for _ in 1 2 3; do
    t=$( { TIMEFORMAT='%R %U %S'; time "$@" >/dev/null; } 2>&1 )
    times+=("$t")
  done
  t=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 2p)
  # shellcheck disable=SC2086
  set -- $t
  local cpu
  cpu=$(echo "$2 + $3" | bc)
  : "${first[$group]:=$1}" "${firstcpu[$group]:=$cpu}"
  printf '%-34s %9s %9s %11.2f %10.2f\n' "$label" "$1" "$cpu" \
    "$(echo "scale=4; $1 / ${first[$group]}" | bc)" "$(echo "scale=4; $cpu / ${firstcpu[$group]}" | bc)"
}

for group in scattered together; do
  make "$group"
  size=$(($(stat -c %s base.db) / 1000000))
  printf '%-34s %9s %9s %11s %10s\n' "export, $size MB, 1 % $group" 'wall s' 'cpu s' 'wall ratio' 'cpu ratio'
  ! command -v sqldiff >/dev/null || measure 'sqldiff --changeset' sqldiff --changeset theirs base.db now.db
  measure 'changeset export --no-pages' "$launcher" changeset export now.db --since base.db -o ours --no-pages
  measure 'changeset export' "$launcher" changeset export now.db --since base.db -o ours
  echo
done
rm -f base.db now.db

python3 "$here/session_capture.py" "$scratch/session.db" "$captured"
exec "$(command -v java)" "-Dorg.sqlite.lib.path=$(dirname "$launcher")/../lib/native" -cp "$(printf '%s:' "$(dirname "$launcher")"/../lib/*.jar)" "$here/CaptureCost.java" "$scratch" "$captured"
