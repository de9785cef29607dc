#!/usr/bin/env bash
# Rows as text, ours beside sqlite3's shell; prints a table: medians of RUNS after one that fills the caches.
#   output.sh [ROWS=200000] [RUNS=3] [DIRECTORY]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
launcher=${SQLITE_SAFE:-$root/packaging/target/sqlite-safe/bin/sqlite-safe}
rows=${1:-200000}
runs=${2:-3}
scratch=$(mktemp -d "${3:-${TMPDIR:-/tmp}}/output.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
db=$scratch/app.db
sqlite3 "$db" "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, n REAL, body BLOB);
  WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < $rows)
  INSERT INTO t SELECT x, 'name, \"quoted\" ' || x, x * 0.1, CASE x % 10 WHEN 0 THEN NULL ELSE randomblob(16) END FROM c;"

seconds() { # seconds COMMAND...
  local i times=()
  "$@" >/dev/null
  for ((i = 0; i < runs; i++)); do
    times+=("$( { TIMEFORMAT=%R; time "$@" >/dev/null; } 2>&1)")
  done
  printf '%s\n' "${times[@]}" | sort -n | sed -n "$(((runs + 1) / 2))p"
}
by_sqlite3() { sqlite3 -cmd ".mode $1" "$db" "$2"; }
by_shell() { printf '.mode %s\n%s;\n' "$1" "$2" | "$launcher" shell "$db" --read-only; }
dump_sqlite3() { sqlite3 "$db" .dump; }
dump_shell() { echo .dump | "$launcher" shell "$db" --read-only; }

printf '%-28s %10s %10s %8s\n' "$rows rows" 'sqlite3 s' 'shell s' ratio
compare() { # compare LABEL THEIRS OURS ARGUMENTS...
  local label=$1 theirs ours
  theirs=$(seconds "$2" "${@:4}")
  ours=$(seconds "$3" "${@:4}")
  printf '%-28s %10s %10s %8s\n' "$label" "$theirs" "$ours" "$(awk "BEGIN {printf \"%.2f\", $ours / $theirs}")"
}
for mode in list csv json insert; do
  compare ".mode $mode" by_sqlite3 by_shell "$mode" 'SELECT id, name, n, hex(body) FROM t'
done
compare .dump dump_sqlite3 dump_shell
