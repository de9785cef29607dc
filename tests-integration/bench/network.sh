#!/usr/bin/env bash
# What one write asks of an NFS server, in round trips, beside sqlite3; in the laboratory, which needs root. Prints a table.
#   network.sh [--detail] [WHICH...]     WHICH as in round_trips.py; --detail adds the operations
# Exit status 77 where the laboratory cannot be used, with one line that says why.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lab=$here/../lab/lab
launcher=${SQLITE_SAFE:-$here/../../packaging/target/sqlite-safe/bin/sqlite-safe}
state=$(mktemp -d "${TMPDIR:-/tmp}/network.XXXXXX")
export SQLITESAFE_LAB=$state/lab
trap 'setsid "$lab" down all >/dev/null 2>&1 || true; rm -rf "$state"' EXIT
detail=
if [ "${1:-}" = --detail ]; then detail=yes; shift; fi

for kind in nfs42 nfs3; do
  # In a session of its own: what it starts lives on.
  setsid "$lab" up "$kind" >"$state/up" 2>&1 </dev/null || { code=$?; cat "$state/up"; exit "$code"; }
  "$lab" exec "$kind" a /usr/bin/python3 -B "$here/round_trips.py" "/mnt/$kind" "$launcher" "$@" 2>"$state/notes" >"$state/$kind" ||
    { cat "$state/notes" >&2; exit 1; }
done

peer() { awk -v name="$2" '$1 == name { print $2 }' "$state/$1"; }
printf '| %-44s | NFS 4.2 | × sqlite3 | NFS 3 | × sqlite3 |\n|%s|---:|---:|---:|---:|\n' 'round trips' "$(printf -- '-%.0s' {1..46})"
while IFS=' ' read -r name _; do
  line=
  for kind in nfs42 nfs3; do
    calls=$(awk -v name="$name" '$1 == name { print $2 }' "$state/$kind")
    base=sqlite3
    case $name in further_*) base=further_sqlite3 ;; esac
    peer=$(peer "$kind" "$base")
    line+=$(awk -v c="$calls" -v p="${peer:-0}" 'BEGIN { printf " %7s | %9s |", c, p > 0 ? sprintf("%.2f", c / p) : "-" }')
  done
  case $name in
  sqlite3) label='sqlite3, a process' ;;
  write) label='sqlite-safe write, a process' ;;
  exclusive_rename) label='the same, network-exclusive, by rename' ;;
  exclusive_in_place) label='the same, in place' ;;
  further_sqlite3) label='a further write: open sqlite3 connection' ;;
  further_batch) label='a further write: batch, answer awaited' ;;
  further_java) label='a further write: SafeDatabase.write' ;;
  *) label=$name ;;
  esac
  printf '| %-44s |%s\n' "$label" "$line"
done <"$state/nfs42"
echo
echo "(median of 5, counted by the client's kernel; locks of NFS 3 go by another service and are not counted)"
if [ -n "$detail" ]; then
  for kind in nfs42 nfs3; do
    echo
    echo "$kind:"
    while read -r name _ operations; do echo "  $name: $operations"; done <"$state/$kind"
  done
fi
