#!/bin/sh
# Runs every test. Installs what the tests need where it can (tests-integration/install.sh), and skips, by name, what it cannot.
#   --program PATH   the integration tests run that program, a native executable for instance, instead of packaging/target/sqlite-safe
# Other arguments go to Maven: -Dsqlitesafe.long=true for the heavier volumes.
set -eu
if [ "${1-}" = --program ]; then
    program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
    [ -x "$program" ] || { echo "run-tests.sh: $program cannot be executed" >&2; exit 2; }
    shift 2
    set -- "-Dsqlite-safe.binary=$program" "$@"
fi
cd "$(dirname "$0")/.."
# Containers and cron set no locale, and then Java and Python can name no file outside ASCII.
LC_ALL=C.UTF-8
export LC_ALL
# An empty environment: a shell then knows a PATH for itself, but gives it to nobody.
: "${PATH:=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export PATH
sh packaging/install-build-tools.sh
sh tests-integration/install.sh
sh tests-integration/oracle/newer.sh
sh tests-integration/oracle/node.sh
sh tests-integration/oracle/shell.sh
exec mvn -B -ntp verify "$@"
