#!/bin/sh
# Installs the Debian packages that the tests of this folder use, as far as they are missing and can be.
# Without them the tests still pass: what they are for is skipped, with one line each.
set -eu
here=$(dirname "$0")
sh "$here/install-packages.sh" acl zstd spin gcc libc6-dev python3 libsqlite3-0 sqlite3 strace zsh fish sshfs fuse3 openssh-sftp-server \
    mandoc lockfile-progs procps python3-filelock util-linux lintian rpm debootstrap ruby systemd
sh "$here/lab/install.sh" core
