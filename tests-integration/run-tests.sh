#!/bin/sh
# Runs every test. Installs what the tests need where it can (tests-integration/install.sh), and skips, by name, what it cannot.
# Arguments go to Maven: -Dsqlitesafe.long=true for the heavier volumes.
set -eu
cd "$(dirname "$0")/.."
# Containers and cron set no locale, and then Java and Python can name no file outside ASCII.
LC_ALL=C.UTF-8
export LC_ALL
sh packaging/install-build-tools.sh
sh tests-integration/install.sh
sh tests-integration/oracle/newer.sh
sh tests-integration/oracle/node.sh
sh tests-integration/oracle/shell.sh
exec mvn -B -ntp verify "$@"
