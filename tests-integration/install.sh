#!/bin/sh
# Installs the Debian packages that the tests of this folder use, as far as they are missing.
# Without them the tests still pass: what they are for is skipped, with one line each.
# Does nothing, successfully, for anybody but root and on any system without apt.
set -eu

packages='zstd spin gcc libc6-dev python3 libsqlite3-0 sqlite3 strace zsh fish sshfs fuse3 openssh-sftp-server mandoc lockfile-progs procps util-linux lintian rpm debootstrap ruby'

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    echo 'install.sh: no apt here; install what you want of:' "$packages"
    exit 0
fi

missing=
for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -z "$missing" ]; then
    exec sh "$(dirname "$0")/lab/install.sh" core
fi

if [ "$(id -u)" -ne 0 ]; then
    echo 'install.sh: not root; missing:'"$missing"
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
install() {
    # shellcheck disable=SC2086
    apt-get install -y --no-install-recommends $missing >&2
}
install || { apt-get update >&2 && install; }
sh "$(dirname "$0")/lab/install.sh" core
