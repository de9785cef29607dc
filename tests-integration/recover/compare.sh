#!/bin/sh
# Makes the table of results.md: what recover and SQLite's own .recover get out of N damaged databases (default 2,100).
# Usage: tests-integration/recover/compare.sh [N [FIRST]], after mvn -o package.
set -eu
cd "$(dirname "$0")/.."
sh oracle/shell.sh
[ -x target/oracle/sqlite3 ] || exit 1
classes=target/test-classes
for each in ../core/target/classes ../packaging/target/sqlite-safe/lib/*.jar; do classes=$classes:$each; done
exec java -Xmx500m -cp "$classes" io.sqlitesafe.it.recover.Comparison target/oracle/sqlite3 "${1:-2100}" "${2:-0}"
