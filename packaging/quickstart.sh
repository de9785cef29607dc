#!/bin/sh
# Builds sqlite-safe and runs its main job: a write to a database, made in a scratch directory.
# On a fresh Debian machine, as root, installs a JDK and Maven first.
set -eu
cd "$(dirname "$0")/.."
# An empty environment: a shell then knows a PATH for itself, but gives it to nobody.
: "${PATH:=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export PATH
sh packaging/install-build-tools.sh
mvn -q -B -ntp package -DskipTests
sqlite_safe=$PWD/packaging/target/sqlite-safe/bin/sqlite-safe
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
show() {
  echo "\$ $*"
  "$@"
}
echo "The program is $sqlite_safe"
PATH=$(dirname "$sqlite_safe"):$PATH
cd "$scratch"
show sqlite-safe write --create app.db 'CREATE TABLE log(at TEXT DEFAULT current_timestamp, line TEXT)'
show sqlite-safe write app.db 'INSERT INTO log(line) VALUES(:line)' --param line="it works" --json
show sqlite-safe read app.db 'SELECT * FROM log'
show sqlite-safe inspect-lock app.db
