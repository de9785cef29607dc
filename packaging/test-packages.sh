#!/bin/sh
# test-packages.sh IMAGE [--long]
#
# Builds the packages of IMAGE, checks them, and installs, uses and removes them in a root of their own, as a fresh
# user would. With --long the rpm too; everything is built twice, in other places, and compared, also from clean copies of
# the sources; and the deb is tried in a minimal Debian 12 from a mirror as well. Exit status 77: not for this machine.
set -eu
LC_ALL=C
export LC_ALL

skip() {
    echo "skipped: $*"
    exit 77
}
[ "$(uname -s)" = Linux ] || skip 'the packages are for Linux'
[ "$(id -u)" = 0 ] || skip 'installing in a root of its own takes root'
for tool in dpkg-deb dpkg-query unshare chroot; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
[ -x "$1/runtime/bin/java" ] || skip 'the image was built without a JDK 25 and has no runtime of its own'
# The mounts made below end with this process.
if [ "${IN_OWN_MOUNTS-}" != yes ]; then
    IN_OWN_MOUNTS=yes unshare --mount true 2>/dev/null || skip 'mounting is not allowed here'
    IN_OWN_MOUNTS=yes exec unshare --mount --propagation private sh "$0" "$@"
fi

here=$(cd "$(dirname "$0")" && pwd)
image=$(cd "$1" && pwd)
long=${2-}
scratch=$(mktemp -d)
trap 'umount -R "$scratch"/*/proc "$scratch"/*/dev 2>/dev/null || :; rm -rf --one-file-system "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$scratch"

fail() {
    printf 'FAILED %s\n' "$*" >&2
    exit 1
}
passed() {
    printf 'passed %s\n' "$*"
}
# expect NAME EXPECTED ACTUAL
expect() {
    [ "$2" = "$3" ] || fail "$1
  expected: $2
  actual:   $3"
}

# --- build ---
packages='tar deb'
if [ "$long" != --long ]; then
    echo 'skipped: the rpm, building twice and a minimal Debian 12; they take minutes (--long)'
elif command -v rpmbuild >/dev/null; then
    packages="$packages rpm"
else
    echo 'skipped: rpmbuild is not installed, so no rpm'
fi
# shellcheck disable=SC2086
sh "$here/build.sh" --image "$image" --out "$scratch/dist" $packages >/dev/null
(cd "$scratch/dist" && sha256sum --quiet --check SHA256SUMS) || fail SHA256SUMS
deb=$(echo "$scratch"/dist/*.deb)
passed "built: $(cd "$scratch/dist" && du -m -- *.* | awk '{printf "%s%s (%s MB)", n++ ? ", " : "", $2, $1}')"

if command -v lintian >/dev/null; then
    complaints=$(lintian --allow-root --fail-on error,warning "$deb" 2>&1) || fail "lintian: $complaints"
    passed lintian
else
    echo 'skipped: lintian is not installed'
fi

# --- a root with nothing but what the packages may rely on ---
# own_root DIR: from the files of packages that every Debian has, as they are installed here.
own_root() {
    mkdir -p "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$1/usr/lib64" "$1/etc" "$1/tmp" "$1/var/lib/dpkg/info" \
        "$1/var/lib/dpkg/updates" "$1/var/lib/dpkg/triggers" "$1/var/log" "$1/proc" "$1/dev" "$1/home/fresh"
    for link in bin sbin lib lib64; do
        ln -s usr/$link "$1/$link"
    done
    chmod 1777 "$1/tmp"
    basics='base-files bash coreutils dash debianutils diffutils grep libc-bin libc6 mawk sed
        libacl1 libattr1 libgmp10 libselinux1 libpcre2-8-0 libtinfo6 libssl3 libcrypt1'
    for package in $basics; do
        { dpkg-query -L $package 2>/dev/null || :; } | while IFS= read -r file; do
            if [ ! -d "$file" ] && [ -e "$file" ]; then printf '%s\n' "$file"; fi
        done
    done | sort -u | tar -cf - --ignore-failed-read -T - 2>/dev/null | tar -xf - -C "$1" --keep-directory-symlink
    ln -sf dash "$1/usr/bin/sh"
    [ -e "$1/usr/bin/awk" ] || ln -s mawk "$1/usr/bin/awk"
    dpkg-query --status libc6 >"$1/var/lib/dpkg/status"
    dpkg --print-architecture >"$1/var/lib/dpkg/arch"
    echo 'root:x:0:0::/root:/bin/sh' >"$1/etc/passwd"
    ldconfig -r "$1"
}
# enter DIR: what a running system has beside its files.
enter() {
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    echo 'fresh:x:1000:1000::/home/fresh:/bin/sh' >>"$1/etc/passwd"
    mkdir -p "$1/home/fresh"
    chown 1000:1000 "$1/home/fresh"
}
contents() {
    # What dpkg, rpm and ldconfig keep for themselves, and what is mounted.
    (cd "$1" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./var/log -o -path ./var/cache/ldconfig \
        -o -path ./proc -o -path ./dev \) -prune -o -print | sort)
}
# as_user DIR COMMAND...: the fresh user, with an environment like cron's.
as_user() {
    root=$1
    shift
    chroot --userspec=1000:1000 "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/home/fresh "$@" </dev/null
}

# links DIR: what the documents there link to is there.
links() {
    (cd "$1" && grep -o '](\([^)#]*\)' README.md RECIPES.md CHANGELOG.md docs/*.md | sed 's/:](/ /' | grep -v 'https\?:' | grep -v ' $' |
        sort -u) >"$scratch/links"
    [ "$(wc -l <"$scratch/links")" -gt 30 ] || fail "only $(wc -l <"$scratch/links") links in the documents of $1"
    while read -r page target; do
        (cd "$1/$(dirname "$page")" && [ -e "$target" ]) || fail "$1/$page links to $target, which is not there"
    done <"$scratch/links"
}

# use DIR: the program does its work there.
use() {
    as_user "$1" sqlite-safe write --create /home/fresh/app.db 'CREATE TABLE t(v)' || fail 'write --create'
    as_user "$1" sqlite-safe write /home/fresh/app.db 'INSERT INTO t VALUES(:v)' --param v=ä || fail write
    expect read ä "$(as_user "$1" sqlite-safe read /home/fresh/app.db 'SELECT v FROM t' --format list)"
    as_user "$1" sqlite-safe backup /home/fresh/app.db /home/fresh/b.sqlite.zst --compress zstd >/dev/null || fail backup
    as_user "$1" sqlite-safe integrity-check /home/fresh/app.db /home/fresh/b.sqlite.zst >/dev/null || fail integrity-check
    expect 'files of the user' 'app.db b.sqlite.zst b.sqlite.zst.json' "$(cd "$1/home/fresh" && echo *)"
    expect 'nothing in /tmp' '*' "$(cd "$1/tmp" && echo *)"
    mkdir "$1/home/fresh/nightly" && chown 1000:1000 "$1/home/fresh/nightly"
    as_user "$1" TMPDIR=/tmp nightly-backup /home/fresh/app.db /home/fresh/nightly || fail nightly-backup
    expect 'backups of a night' 2 "$(ls "$1/home/fresh/nightly" | wc -l)"
    [ -d "$1/etc/sqlite-safe" ] || fail 'no /etc/sqlite-safe'
    [ -f "$1/usr/lib/systemd/system/sqlite-safe-backup@.timer" ] || fail 'no systemd timer'
    links "$1/usr/share/doc/sqlite-safe"
    for archive in runtime runtime-files; do
        [ -s "$1/usr/lib/sqlite-safe/lib/cache/$archive.jsa" ] || fail "$archive.jsa was not made"
    done
    # Fails if the archive is not used.
    expect 'archive used' 1 "$(as_user "$1" SQLITE_SAFE_JAVA_OPTS=-Xshare:on sqlite-safe read /home/fresh/app.db 'SELECT 1' \
        --format list)"
    # shellcheck disable=SC2016
    words=$(as_user "$1" bash --norc -c '. /usr/share/bash-completion/completions/sqlite-safe
        COMP_WORDS=(sqlite-safe backu) COMP_CWORD=1
        $(complete -p sqlite-safe | sed "s/.*-F \([^ ]*\).*/\1/")
        echo "${COMPREPLY[@]}"')
    expect completion backup "$(echo $words)"
    rm -r "$1"/home/fresh/*
}
manual() {
    gzip -dc "$1/usr/share/man/man1/sqlite-safe-backup.1.gz" | head -n 3 | grep -q '^\.TH ' || fail 'no man page'
    if command -v man >/dev/null; then
        man -l "$1/usr/share/man/man1/sqlite-safe-backup.1.gz" 2>/dev/null | grep -q 'sqlite-safe backup' || fail 'man page'
    fi
}

# try_deb DIR NAME: installs, uses, upgrades, removes and purges.
try_deb() {
    contents "$1" >"$scratch/before"
    begun=$(date +%s)
    dpkg --root="$1" --install "$deb" >"$scratch/log" 2>&1 || fail "dpkg --install: $(cat "$scratch/log")"
    took=$(($(date +%s) - begun))
    use "$1"
    manual "$1"
    contents "$1" >"$scratch/installed"
    dpkg --root="$1" --install "$deb" >"$scratch/log" 2>&1 || fail "upgrade: $(cat "$scratch/log")"
    contents "$1" | cmp -s - "$scratch/installed" || fail 'an upgrade leaves other files'
    dpkg --root="$1" --remove sqlite-safe >"$scratch/log" 2>&1 || fail "dpkg --remove: $(cat "$scratch/log")"
    dpkg --root="$1" --purge sqlite-safe >"$scratch/log" 2>&1 || fail "dpkg --purge: $(cat "$scratch/log")"
    left=$(contents "$1" | diff "$scratch/before" - || :)
    expect 'left after the purge' '' "$left"
    passed "deb in $2: installed in $took s, used, installed again, removed, purged, nothing left"
}
own_root "$scratch/root"
enter "$scratch/root"
try_deb "$scratch/root" 'a root of its own'

case $packages in
*rpm*)
    # Directories that belong to the system's own packages where rpm is at home.
    (cd "$scratch/root" && mkdir -p var/tmp usr/share/bash-completion/completions usr/share/fish/vendor_completions.d \
        usr/share/zsh/site-functions usr/share/licenses)
    contents "$scratch/root" >"$scratch/before"
    rpm --root="$scratch/root" --dbpath /var/lib/rpm --install --nodeps --noplugins "$scratch"/dist/*.rpm \
        2>"$scratch/log" || fail "rpm --install: $(cat "$scratch/log")"
    use "$scratch/root"
    rpm --root="$scratch/root" --dbpath /var/lib/rpm --erase sqlite-safe 2>"$scratch/log" ||
        fail "rpm --erase: $(cat "$scratch/log")"
    expect 'left after rpm --erase' '' "$(contents "$scratch/root" | diff "$scratch/before" - || :)"
    passed 'rpm: installed, used, erased, nothing left'
    ;;
esac

# The tar, in a directory with a blank, by a user who cannot write there.
mkdir "$scratch/root/opt my"
tar -xzf "$scratch"/dist/*.tar.gz -C "$scratch/root/opt my" --strip-components=1
links "$scratch/root/opt my"
as_user "$scratch/root" '/opt my/bin/sqlite-safe' write --create /tmp/x.db 'CREATE TABLE t(v)' || fail 'tar: write'
chroot "$scratch/root" '/opt my/lib/make-cache' || fail 'tar: make-cache'
expect 'tar: archive used' 1 "$(as_user "$scratch/root" SQLITE_SAFE_JAVA_OPTS=-Xshare:on '/opt my/bin/sqlite-safe' read /tmp/x.db \
    'SELECT 1' --format list)"
passed 'tar: unpacked, used'

[ "$long" = --long ] || exit 0

# --- the long way ---
# Other directory, time zone, locale, umask: the same bytes.
# shellcheck disable=SC2086
(umask 077 && cd / && TZ=Asia/Tokyo LC_ALL=C.UTF-8 sh "$here/build.sh" --image "$image" --out "$scratch/again" $packages >/dev/null)
expect 'built again' "$(cat "$scratch/dist/SHA256SUMS")" "$(cat "$scratch/again/SHA256SUMS")"
passed 'packaged twice: the same bytes'

if git -C "$here" rev-parse HEAD >/dev/null 2>&1; then
    for copy in 1 'copy 2'; do
        git clone -q "$(git -C "$here" rev-parse --show-toplevel)" "$scratch/$copy"
        # No archives of a JDK 17: they are made at the end and not packed.
        SQLITE_SAFE_JDK17=none sh "$scratch/$copy/packaging/build.sh" --out "$scratch/all $copy" all >/dev/null
    done
    # In the names of snapshots, Maven has the time of the deployment.
    sums() {
        sed 's/-[0-9]\{8\}\.[0-9]\{6\}-1/-SNAPSHOT/' "$1/SHA256SUMS" | sort
    }
    expect 'from sources, twice' "$(sums "$scratch/all 1")" "$(sums "$scratch/all copy 2")"
    passed "built from clean copies, twice: the same $(wc -l <"$scratch/all 1/SHA256SUMS") files"
else
    echo 'skipped: no git here, so no clean copies to build from'
fi

if command -v debootstrap >/dev/null && debootstrap --variant=minbase bookworm "$scratch/debian" >"$scratch/log" 2>&1; then
    enter "$scratch/debian"
    try_deb "$scratch/debian" 'a minimal Debian 12'
else
    echo "skipped: no minimal Debian 12 (debootstrap: $(tail -n 1 "$scratch/log" 2>/dev/null || echo 'not installed'))"
fi
