#!/usr/bin/env bash
# How long the lock takes from one process to another one that waits for it: from before the release begins to after the next
# owner's CHECK. Two processes, in turns. Prints one line.
#   handover.sh [TIMES=100] [DIRECTORY]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
launcher=${SQLITE_SAFE:-$here/../../packaging/target/sqlite-safe/bin/sqlite-safe}
scratch=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/handover.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
sqlite3 "$scratch/app.db" 'CREATE TABLE t(v)'
jars=$(printf '%s:' "$(dirname "$launcher")"/../lib/*.jar)
javac -cp "$jars" -d "$scratch" "$here/HandOver.java"
for who in a b; do
  java -XX:+UseSerialGC "-Dorg.sqlite.lib.path=$(dirname "$launcher")/../lib/native" -cp "$scratch:$jars" HandOver "$scratch/app.db" "${1:-100}" "$who" >"$scratch/$who" &
done
wait
sort -n -k 2 "$scratch/a" "$scratch/b" |
  awk '$1 != last && last != "" { print ($2 - end) / 1000 } { last = $1; end = $3 }' | sort -n >"$scratch/gaps"
awk '{ gap[NR] = $1 } END {
  if (NR < 10) { print "handover: too few turns: " NR; exit 1 }
  printf "hand-over between two processes: median %d us, 90 %% within %d us (%d turns)\n", gap[int((NR + 1) / 2)], gap[int(NR * 0.9)], NR
}' "$scratch/gaps"
