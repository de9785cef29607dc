#!/bin/sh
# fresh-machine.sh [--first] [--debian DIR] [MAVEN-ARGUMENT...]: runs README's two commands as it gives them, in a fresh minimal
# Debian 12 (debootstrap) with an empty environment: no locale, no HOME, no PATH. A part of the long run; it takes as long as the
# commands do. Needs root, debootstrap and the network; exits with 77 where it cannot be done.
#   --first         the first command only
#   --debian DIR    a copy of DIR, which debootstrap has made earlier, instead of a new system
#   other arguments go to the second command, for instance -Dit.test=EdgesIT -Dsurefire.skip=true
# The new system gets this machine's ways to the network (sources and settings of apt, certificates, Maven's settings) and what
# Maven has downloaded here, but nothing that is installed here.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
release=bookworm
impossible() {
    echo "fresh-machine: $1"
    exit 77
}
[ "$(id -u)" = 0 ] || impossible 'needs root'
[ ! -e /etc/fresh-machine ] || impossible 'this is one already'
unshare --mount --pid --fork true 2>/dev/null || impossible 'needs namespaces for mounts and processes'

# All mounts are made in a mount namespace of its own, and all processes in one for processes: both are gone with it.
if [ "${FRESH_MACHINE_ROOT-}" = '' ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf --one-file-system "$scratch"' EXIT
    status=0
    FRESH_MACHINE_ROOT=$scratch/debian unshare --mount --pid --fork --kill-child sh "$0" "$@" || status=$?
    exit $status
fi
root=$FRESH_MACHINE_ROOT
unset FRESH_MACHINE_ROOT

first=no
debian=
while :; do
    case ${1-} in
    --first) first=yes; shift ;;
    --debian) debian=$2; shift 2 ;;
    *) break ;;
    esac
done

# Debian's own sources among those of this machine, as lines of sources.list; other repositories are left out.
sources() {
    command -v apt-get >/dev/null || return 0
    # shellcheck disable=SC2016 # apt replaces these
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        while read -r uri suite component; do
            case $suite in
            $release | $release-updates | $release-security) echo "deb $uri $suite $component" ;;
            esac
        done
}

install_debian() {
    if [ -n "$debian" ]; then
        cp -a "$debian" "$root"
        return
    fi
    command -v debootstrap >/dev/null || impossible 'needs debootstrap'
    # Without sources of this release it takes the mirror that it knows itself.
    # shellcheck disable=SC2046 # one word or none
    debootstrap --variant=minbase $release "$root" $(sources | sed -n "s/^deb \([^ ]*\) $release .*/\1/p" | head -n 1) \
        >"$root.log" 2>&1 || impossible "no minimal Debian 12: $(tail -n 1 "$root.log")"
}

take_settings() {
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    : >"$root/etc/fresh-machine"
    if [ -n "$(sources)" ]; then
        sources >"$root/etc/apt/sources.list"
        apt-config dump | grep -E '^Acquire::(https?|ftp|Retries|Check-|Force)' >"$root/etc/apt/apt.conf.d/99machine" || :
    fi
    for certificate in /usr/local/share/ca-certificates/*.crt; do
        [ ! -e "$certificate" ] || install -D -m 644 "$certificate" "$root$certificate"
    done
    maven=${HOME:-/root}/.m2
    mkdir -p "$root/root/.m2/repository"
    for settings in "$maven/settings.xml" /etc/maven/settings.xml; do
        [ -e "$root/root/.m2/settings.xml" ] || [ ! -e "$settings" ] || cp "$settings" "$root/root/.m2/settings.xml"
    done
    [ ! -e "$maven/settings-security.xml" ] || cp "$maven/settings-security.xml" "$root/root/.m2/"
    [ ! -d "$maven/repository" ] || mount --bind "$maven/repository" "$root/root/.m2/repository"
}

inside() {
    echo "fresh-machine: \$ $*"
    # shellcheck disable=SC2016 # for the shell in there
    env -i "$(command -v chroot)" "$root" /bin/sh -c 'cd /project && exec "$@"' sh "$@"
}

mount --make-rprivate /
install_debian
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
take_settings
# The project as it would be cloned, with what is not committed yet.
mkdir "$root/project"
(cd "$project" && git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - 2>/dev/null) |
    tar -xf - -C "$root/project"
inside sh packaging/quickstart.sh
[ $first = yes ] || inside sh tests-integration/run-tests.sh "$@"
echo 'fresh-machine: passed'
