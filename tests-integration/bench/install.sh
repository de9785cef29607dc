#!/bin/sh
# Installs the Debian packages that the benchmarks compare with, as far as they are missing and can be; the tables name the others.
exec sh "$(dirname "$0")/../install-packages.sh" sqlite3 sqlite3-tools python3 strace lockfile-progs util-linux
