#!/bin/sh
# Installs the Debian packages that the benchmarks compare with, as far as they are missing. Does nothing, successfully, for
# anybody but root and on a system without apt: the tables then name what is not installed.
set -eu
packages='sqlite3 sqlite3-tools python3 strace lockfile-progs util-linux'
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "bench/install.sh: not root on a system with apt; install what you want of: $packages"
    exit 0
fi
missing=
for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
install() {
    # shellcheck disable=SC2086
    apt-get install -y --no-install-recommends $missing >&2
}
install || { apt-get update >&2 && install; }
