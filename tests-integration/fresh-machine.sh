#!/bin/sh
# fresh-machine.sh [--first]: runs the README's two commands as it gives them, in a fresh minimal Debian 12 (debootstrap) with an
# empty environment: no locale, no HOME, no PATH, as in a container or from cron. --first: the first command alone. Takes as long
# as they do; a part of the long run. Needs root, debootstrap and the network; exits with 77 where it cannot be done.
# What Maven has loaded on this machine is used there too, so that only the tests are new, not the downloads.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
impossible() {
    echo "fresh-machine: $1"
    exit 77
}
[ "$(id -u)" = 0 ] || impossible 'needs root'
command -v debootstrap >/dev/null || impossible 'needs debootstrap'
unshare --mount true 2>/dev/null || impossible 'needs a mount namespace'

# All mounts are made in a mount namespace of its own, and are gone with it.
if [ "${FRESH_MACHINE_INSIDE-}" != yes ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf --one-file-system "$scratch"' EXIT
    status=0
    FRESH_MACHINE_INSIDE=yes FRESH_MACHINE_ROOT=$scratch/debian unshare --mount --pid --fork sh "$0" "$@" || status=$?
    exit $status
fi

root=$FRESH_MACHINE_ROOT
debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 ||
    impossible "no minimal Debian 12: $(tail -n 1 "$root.log")"
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
if [ -d "${HOME:-/root}/.m2/repository" ]; then
    mkdir -p "$root/root/.m2/repository"
    mount --bind "${HOME:-/root}/.m2/repository" "$root/root/.m2/repository"
fi
# The project as it would be cloned, with what is not committed yet.
mkdir "$root/project"
(cd "$project" && git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - 2>/dev/null) |
    tar -xf - -C "$root/project"

inside() {
    echo "fresh-machine: \$ $*"
    env -i "$(command -v chroot)" "$root" /bin/sh -c 'cd /project && exec "$@"' sh "$@"
}
inside sh packaging/quickstart.sh
[ "${1-}" = --first ] || inside sh tests-integration/run-tests.sh
echo 'fresh-machine: passed'
