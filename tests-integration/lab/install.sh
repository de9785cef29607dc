#!/bin/sh
# Installs the Debian packages of the laboratory: "core" (what every test run uses) or "all". Starts no service.
set -eu
core='user-mode-linux nfs-common nfs-kernel-server rpcbind iproute2 kmod e2fsprogs xfsprogs btrfs-progs sshfs openssh-sftp-server fuse3 python3 python3-fusepy faketime sqlite3'
rest='glusterfs-server glusterfs-client samba cifs-utils'
case ${1:-core} in
core) packages=$core ;;
all) packages="$core $rest" ;;
*) echo 'usage: install.sh [core|all]' >&2; exit 2 ;;
esac
# shellcheck disable=SC2086
exec sh "$(dirname "$0")/../install-packages.sh" $packages
