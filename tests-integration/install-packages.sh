#!/bin/sh
# install-packages.sh PACKAGE...: installs the Debian packages that are missing, and starts no service of theirs. Does nothing,
# successfully, for anybody but root and on a system without apt, and says what is wanted.
set -eu
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    echo "no apt here; install what you want of: $*"
    exit 0
fi
missing=
for package; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "not root; missing:$missing"
    exit 0
fi
# What needs servers runs its own, in a network of their own.
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
