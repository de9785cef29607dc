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
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "lab/install.sh: not root on a Debian system; install what you want of: $packages"
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
# The packages would start servers on this machine; the laboratory runs its own, in a network of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
install() {
    # shellcheck disable=SC2086
    apt-get install -y --no-install-recommends $missing >&2
}
install || { apt-get update >&2 && install; }
