#!/usr/bin/env bash
# Eight writers on one file, each adding 1 to a counter many times, by several means; prints one table.
#   contention.sh [WRITES_PER_WRITER=200] [DIRECTORY] [MEANS...]
# MEANS, all where none is named: sqlite_safe, batch, sqlite3, flock, lockfile.
# A means that cannot finish that many in reasonable time (lockfile-create sleeps 5 s and more between tries) does fewer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
launcher=${SQLITE_SAFE:-$root/packaging/target/sqlite-safe/bin/sqlite-safe}
writes=${1:-200}
writers=8
scratch=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/contention.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
update='UPDATE counter SET n = n + 1'

by_sqlite_safe() { "$launcher" write --wait 5m "$1" "$update"; }
by_sqlite3() { sqlite3 -cmd '.timeout 5000' "$1" "BEGIN IMMEDIATE; $update; COMMIT;"; }
by_flock() { flock "$1.flock" sqlite3 "$1" "BEGIN IMMEDIATE; $update; COMMIT;"; }
by_lockfile() {
  lockfile-create --retry 100 "$1" && sqlite3 "$1" "BEGIN IMMEDIATE; $update; COMMIT;" && lockfile-remove "$1"
}

# worker MEANS DB COUNT: prints "seconds failures longest" at its end
worker() {
  local begin=$EPOCHREALTIME longest=0 failures=0 i start took
  for ((i = 0; i < $3; i++)); do
    start=${EPOCHREALTIME/[.,]/}
    "$1" "$2" >/dev/null 2>&1 || failures=$((failures + 1))
    took=$((${EPOCHREALTIME/[.,]/} - start))
    [ "$took" -le "$longest" ] || longest=$took
  done
  echo "$(((${EPOCHREALTIME/[.,]/} - ${begin/[.,]/}) / 1000)) $failures $((longest / 1000))"
}

# batch_worker MEANS DB COUNT: as worker, all COUNT as requests to one process
batch_worker() {
  local begin=$EPOCHREALTIME answers=$scratch/answers.$BASHPID i
  for ((i = 0; i < $3; i++)); do
    echo "{\"write\":[\"$2\",\"$update\"],\"wait\":\"5m\"}"
  done | "$launcher" batch >"$answers"
  awk -F '"exitCode":|,"output"|"elapsedMs":|,"rows"' -v ms="$(((${EPOCHREALTIME/[.,]/} - ${begin/[.,]/}) / 1000))" \
    '$2 {failed++} $4 + 0 > longest {longest = $4 + 0} END {print ms, failed + 0, longest + 0}' "$answers"
}

row() { printf '%-36s %8s %10s %8s %10s %12s %12s\n' "$@"; }

# contend LABEL MEANS COUNT [WORKER]
contend() {
  local db=$scratch/$2.db begin w
  sqlite3 "$db" 'CREATE TABLE counter(n); INSERT INTO counter VALUES(0);'
  begin=${EPOCHREALTIME/[.,]/}
  for ((w = 0; w < writers; w++)); do
    "${4:-worker}" "$2" "$db" "$3" >"$scratch/$2.$w" &
  done
  wait
  local took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
  local failures longest first last
  failures=$(cat "$scratch/$2".[0-9]* | awk '{s += $2} END {print s}')
  longest=$(cat "$scratch/$2".[0-9]* | awk '$3 > m {m = $3} END {print m}')
  first=$(cat "$scratch/$2".[0-9]* | sort -n | head -1 | cut -d' ' -f1)
  last=$(cat "$scratch/$2".[0-9]* | sort -n | tail -1 | cut -d' ' -f1)
  row "$1" "$((writers * $3))" "$(sqlite3 "$db" 'SELECT n FROM counter')" "$failures" \
    "$((writers * $3 * 1000 / took))" "$longest" "$(awk "BEGIN {printf \"%.2f\", $last / $first}")"
}

row 'means' writes counted failed 'writes/s' 'longest ms' 'last/first'
[ $# -gt 2 ] && shift 2 || set -- sqlite_safe batch sqlite3 flock lockfile
for means; do
  case $means in
    sqlite_safe) contend 'sqlite-safe write' by_sqlite_safe "$writes" ;;
    batch) contend 'sqlite-safe batch, one process each' by_batch "$writes" batch_worker ;;
    sqlite3) contend 'sqlite3, .timeout 5000' by_sqlite3 "$writes" ;;
    flock) contend 'flock, sqlite3' by_flock "$writes" ;;
    lockfile)
      ! command -v lockfile-create >/dev/null ||
        contend 'lockfile-create, sqlite3' by_lockfile $((writes < 3 ? writes : 3))
      ;;
    *) echo "no means $means" >&2 && exit 2 ;;
  esac
done
