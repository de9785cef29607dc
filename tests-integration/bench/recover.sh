#!/bin/sh
# Time and memory of recover beside SQLite's own .recover, on a database of SIZE MB (default 1024) with 1 % of its pages damaged.
# Usage: tests-integration/bench/recover.sh [SIZE]. Prints a line for each program, in the same run.
set -eu
size=${1:-1024}
here=$(cd "$(dirname "$0")/.." && pwd)
sh "$here/oracle/shell.sh"
peer=$here/target/oracle/sqlite3
program=${SQLITE_SAFE:-$here/../packaging/target/sqlite-safe/bin/sqlite-safe}
[ -x "$peer" ] || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/recover-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
rows=$((size * 6200))
"$peer" "$work/db" "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL, note TEXT, stock INTEGER);
CREATE TABLE event(at INTEGER, what TEXT, data BLOB);
WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < $rows)
 INSERT INTO item SELECT x, printf('item %08d', x), x / 8.0, hex(randomblob(30)), x % 1000 FROM c;
INSERT INTO event SELECT id * 60, 'sold ' || name, randomblob(40) FROM item WHERE id % 3 > 0;
CREATE INDEX item_name ON item(name);" >/dev/null
python3 - "$work/db" <<'END'
import os, random, sys
random.seed(1)
pages = os.path.getsize(sys.argv[1]) // 4096
with open(sys.argv[1], "r+b") as db:
    for _ in range(pages // 100):
        db.seek(random.randrange(1, pages) * 4096)
        db.write(os.urandom(4096) if random.random() < 0.5 else bytes(4096))
END
cat "$work/db" >/dev/null
measure() { # name, command
    python3 - "$@" <<'END'
import resource, subprocess, sys, time
start = time.time()
code = subprocess.call(["sh", "-c", sys.argv[2]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%-34s %7.1f s  cpu %6.1f s  largest %5d MB  exit %d" % (
    sys.argv[1], time.time() - start, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, code), flush=True)
END
}
ls -l "$work/db" | awk '{ printf "database: %.0f MB\n", $5 / 1048576 }'
measure "sqlite-safe recover" "'$program' recover '$work/db' -o '$work/ours'"
measure ".recover | sqlite3" "'$peer' '$work/db' .recover | '$peer' '$work/theirs'"
for made in ours theirs; do
    printf '%s: ' "$made"
    "$peer" "$work/$made" "SELECT (SELECT count(*) FROM item) || ' items, ' || (SELECT count(*) FROM event) || ' events, '
 || coalesce((SELECT sum(ncell) FROM dbstat WHERE name = 'lost_and_found' AND pagetype = 'leaf'), 0) || ' in lost_and_found'" 2>/dev/null || echo
done
