#!/bin/sh
# build.sh [--image DIR] [--out DIR] WHAT...
#
# Makes packages in packaging/target/dist, and SHA256SUMS over them. WHAT is any of:
#   tar      the image with its runtime, man pages, completions and samples
#   deb rpm  for Debian and Ubuntu; for Fedora, RHEL, SUSE
#   fatjar   one jar with everything, for any Java 17 or later
#   maven    a Maven repository with the library: jars, sources, javadoc
#   sbom     what is in it, as CycloneDX
#   formula  for Homebrew; takes the checksums of tar and fatjar, which it makes too
#   docker   a directory to call "docker build" in; takes the deb, which it makes too
#   all      all of these
#   native   an executable that needs no JVM, as tar and deb (native/README.md): up to a quarter of an hour, 1 GB in target/native
# Without --image everything is built first, with the time of the last commit in all archives; with it that image is
# packaged as it is. The same sources and tools give the same bytes. MVN is the Maven to call, MAINTAINER goes into
# the packages, RELEASE_URL is where they will be published (for the formula).
set -eu
umask 022
LC_ALL=C
TZ=UTC
export LC_ALL TZ

here=$(cd "$(dirname "$0")" && pwd)
root=${here%/*}
out=$here/target/dist
image=
maintainer=${MAINTAINER:-sqlite-safe packagers <packagers@sqlite-safe.example>}

fail() {
    printf 'build.sh: %s\n' "$*" >&2
    exit 1
}
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || fail "$tool is needed for this"
    done
}

what=' '
while [ $# -gt 0 ]; do
    case $1 in
    --image) image=$(cd "$2" && pwd) && shift ;;
    --out) out=$2 && shift ;;
    all) what=' tar deb rpm fatjar maven sbom formula docker ' ;;
    formula) what="$what tar fatjar formula " ;;
    docker) what="$what deb docker " ;;
    tar | deb | rpm | fatjar | maven | sbom | native) what="$what $1 " ;;
    *) fail "no such package: $1 (tar deb rpm fatjar maven sbom formula docker all native)" ;;
    esac
    shift
done
wanted() {
    case $what in
    *" $1 "*) ;;
    *) return 1 ;;
    esac
}
[ "$what" != ' ' ] || fail 'what? (tar deb rpm fatjar maven sbom formula docker all native)'
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# --- building ---
version=$(sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' "$root/pom.xml")
if [ -n "${SOURCE_DATE_EPOCH-}" ]; then
    timestamp=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
else
    timestamp=$(git -C "$root" show -s --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || :)
fi
maven() {
    need "${MVN:-mvn}"
    (cd "$root" && "${MVN:-mvn}" -q -B -ntp ${timestamp:+-Dproject.build.outputTimestamp="$timestamp"} -DskipTests "$@")
}
if wanted fatjar || wanted maven || wanted sbom; then
    rm -rf "$out/maven"
    if wanted maven; then
        # "deploy" comes with "install" into the user's own repository, which is not asked for.
        maven -Prelease deploy -pl core,cli -am -Dmaven.install.skip=true \
            -DaltDeploymentRepository="dist::file://$out/maven"
    else
        maven -Prelease package -pl core,cli -am
    fi
    ! wanted fatjar || cp "$root/cli/target/sqlite-safe-cli-$version-all.jar" "$out/sqlite-safe-$version.jar"
    ! wanted sbom || cp "$root/cli/target/bom.json" "$out/sqlite-safe-$version.cdx.json"
fi
if [ -z "$image" ] && { wanted tar || wanted deb || wanted rpm || wanted native; }; then
    maven package -pl core,cli,packaging -am
    image=$here/target/sqlite-safe
fi

# --- the trees that go into packages ---
# The jars carry the time of the build; everything else gets the same.
if [ -n "$image" ]; then
    [ -x "$image/runtime/bin/java" ] || [ "$what" = ' native ' ] || fail "$image has no runtime of its own: build it with a JDK 25 (README.md)"
    SOURCE_DATE_EPOCH=$(stat -c %Y "$image"/lib/sqlite-safe-core-*.jar)
    export SOURCE_DATE_EPOCH
fi
machine=$(uname -m)

# program DIR: the image without its class-data archives: the same classes give archives that differ in some
# bytes, so they are made where the program is installed.
program() {
    mkdir -p "$1"
    (cd "$image" && tar -cf - --exclude=./lib/cache --exclude=./.stamp .) | tar -xf - -C "$1"
    # A sixth of it are names that only a debugger wants.
    ! command -v strip >/dev/null || strip --strip-unneeded "$1/runtime/lib/server/libjvm.so"
}

# executable DIR: the program that needs no JVM, and its libraries.
executable() {
    mkdir -p "$1/bin" "$1/lib"
    cp "$here/target/native/sqlite-safe" "$here/samples/nightly-backup" "$1/bin/"
    cp -R "$here/target/native/native" "$1/lib/native"
    strip "$1/bin/sqlite-safe" "$1"/lib/native/*.so
}

# documents DIR MANUAL SAMPLES: README and the pages that it leads to, with links to what lies there: manual pages (MANUAL is the
# right side of a substitution: \2 is the page, \3 its section) and samples. What is only in the sources loses its link.
documents() {
    mkdir -p "$1/docs"
    cp "$root"/docs/*.svg "$1/docs/"
    for page in README.md RECIPES.md CHANGELOG.md $(cd "$root" && echo docs/*.md); do
        sed -e "s|](\(\(\.\./\)*\)packaging/samples|](\1$3|g" \
            -e "s|](\(\(\.\./\)*\)man/\([^)]*\)\.\([17]\))|](\1MANUAL/\3.\4)|g" \
            -e 's|\[\([^]]*\)\]([./]*tests-integration[^)]*)|\1|g' -e 's|\[\([^]]*\)\]([./]*packaging[^)]*)|\1|g' \
            -e 's|\[\([^]]*\)\]([./]*ARCHITECTURE.md[^)]*)|\1|g' -e 's|\[\([^]]*\)\]([./]*CONTRIBUTING.md[^)]*)|\1|g' \
            -e 's|\[\([^]]*\)\]([./]*findings[^)]*)|\1|g' -e "s|MANUAL/\(\)\([^)]*\)\.\([17]\))|$2)|g" "$root/$page" >"$1/$page"
    done
}

# tree DIR ZSH_DIR [program|executable]: what deb and rpm install.
tree() {
    "${3:-program}" "$1/usr/lib/sqlite-safe"
    mkdir -p "$1/etc/sqlite-safe" "$1/usr/bin" "$1/usr/lib/systemd/system" "$1/usr/share/man/man1" "$1/usr/share/man/man7" \
        "$1/usr/share/sqlite-safe" "$1/usr/share/bash-completion/completions" "$1$2" \
        "$1/usr/share/fish/vendor_completions.d" "$1/usr/share/doc/sqlite-safe/examples"
    ln -s ../lib/sqlite-safe/bin/sqlite-safe "$1/usr/bin/sqlite-safe"
    ln -s ../lib/sqlite-safe/bin/nightly-backup "$1/usr/bin/nightly-backup"
    for section in 1 7; do
        cp "$root"/man/*."$section" "$1/usr/share/man/man$section"
        gzip -9n "$1/usr/share/man/man$section"/*
    done
    cp "$root/completions/sqlite-safe.bash" "$1/usr/share/bash-completion/completions/sqlite-safe"
    cp "$root/completions/_sqlite-safe" "$1$2/"
    cp "$root/completions/sqlite-safe.fish" "$1/usr/share/fish/vendor_completions.d/"
    # Where it was before it was in PATH; CronJobs name it so.
    ln -s ../../lib/sqlite-safe/bin/nightly-backup "$1/usr/share/sqlite-safe/nightly-backup"
    cp "$here"/samples/*.service "$here"/samples/*.timer "$1/usr/lib/systemd/system/"
    cp "$here"/samples/*.cron "$here"/samples/*.service "$here"/samples/*.timer "$here"/samples/*.yml "$1/usr/share/doc/sqlite-safe/examples/"
    ln -s ../../../../bin/nightly-backup "$1/usr/share/doc/sqlite-safe/examples/nightly-backup"
    documents "$1/usr/share/doc/sqlite-safe" '../../man/man\3/\2.\3.gz' examples
    settle "$1"
}

# settle DIR: the same modes and times wherever it was built.
settle() {
    chmod -R u=rwX,go=rX "$1"
    # A jlinked runtime comes with some files that are executable for no reason.
    find "$1" -type f \( -name '*.so' -o -name '*.jar' -o -name '*.properties' \) -exec chmod 644 {} +
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# fill TEMPLATE NAME=VALUE...: the template with @NAME@ replaced.
fill() {
    template=$1
    shift
    for pair in "$@"; do
        printf 's|@%s@|%s|g\n' "${pair%%=*}" "$(printf '%s' "${pair#*=}" | sed 's/[&|\]/\\&/g')"
    done >"$work/fill.sed"
    sed -f "$work/fill.sed" "$template"
}

# --- the packages ---
tar_name=sqlite-safe-$version-linux-$machine
make_tar() {
    need tar gzip
    top=$work/tar/$tar_name
    program "$top"
    mkdir -p "$top/share"
    cp -R "$root/man" "$root/completions" "$top/share/"
    cp -R "$here/samples" "$top/share/samples"
    documents "$top" 'share/man/\2.\3' share/samples
    cp "$root/LICENSE" "$top/"
    settle "$work/tar"
    tar -C "$work/tar" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$tar_name" |
        gzip -9n >"$out/$tar_name.tar.gz"
}

make_deb() {
    need dpkg-deb
    deb_version=$(printf '%s' "$version" | sed 's/-/~/')
    architecture=$(dpkg --print-architecture)
    deb=$work/deb
    tree "$deb" /usr/share/zsh/vendor-completions
    mkdir -p "$deb/DEBIAN" "$deb/usr/share/lintian/overrides"
    cp "$here/deb/copyright" "$deb/usr/share/doc/sqlite-safe/copyright"
    cp "$here/deb/lintian-overrides" "$deb/usr/share/lintian/overrides/sqlite-safe"
    fill "$here/deb/changelog.in" VERSION="$deb_version" MAINTAINER="$maintainer" \
        DATE="$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')" |
        gzip -9n >"$deb/usr/share/doc/sqlite-safe/changelog.gz"
    fill "$here/deb/control.in" VERSION="$deb_version" MAINTAINER="$maintainer" ARCHITECTURE="$architecture" \
        SIZE="$(du -sk --apparent-size "$deb/usr" | cut -f 1)" >"$deb/DEBIAN/control"
    (cd "$deb" && find usr -type f -exec md5sum {} + | sort -k 2) >"$deb/DEBIAN/md5sums"
    settle "$deb"
    install -m 755 "$here/deb/postinst" "$here/deb/prerm" "$deb/DEBIAN/"
    # Classes and libraries, not compressed before: xz saves a third.
    dpkg-deb --root-owner-group -Zxz -z6 --build "$deb" \
        "$out/sqlite-safe_${deb_version}_$architecture.deb" >/dev/null
}

make_native() {
    need dpkg-deb tar xz strip
    sh "$here/native/build-native.sh" "$image" "$here/target/native"
    licences=$here/target/native/licences

    top=$work/native-tar/sqlite-safe-native-$version-linux-$machine
    executable "$top"
    mkdir -p "$top/share"
    cp -R "$root/man" "$root/completions" "$top/share/"
    cp -R "$here/samples" "$top/share/samples"
    cp -R "$licences" "$top/licences"
    documents "$top" 'share/man/\2.\3' share/samples
    cp "$root/LICENSE" "$top/"
    settle "$work/native-tar"
    tar -C "$work/native-tar" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "${top##*/}" |
        xz -9e >"$out/${top##*/}.tar.xz"

    deb_version=$(printf '%s' "$version" | sed 's/-/~/')
    architecture=$(dpkg --print-architecture)
    deb=$work/native-deb
    tree "$deb" /usr/share/zsh/vendor-completions executable
    mv "$deb/usr/share/doc/sqlite-safe" "$deb/usr/share/doc/sqlite-safe-native"
    mkdir -p "$deb/DEBIAN"
    cat "$here/deb/copyright" "$licences"/* >"$deb/usr/share/doc/sqlite-safe-native/copyright"
    fill "$here/deb/changelog.in" VERSION="$deb_version" MAINTAINER="$maintainer" \
        DATE="$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')" | sed 's/^sqlite-safe /sqlite-safe-native /' |
        gzip -9n >"$deb/usr/share/doc/sqlite-safe-native/changelog.gz"
    fill "$here/native/control.in" VERSION="$deb_version" MAINTAINER="$maintainer" ARCHITECTURE="$architecture" \
        SIZE="$(du -sk --apparent-size "$deb/usr" | cut -f 1)" >"$deb/DEBIAN/control"
    (cd "$deb" && find usr -type f -exec md5sum {} + | sort -k 2) >"$deb/DEBIAN/md5sums"
    settle "$deb"
    dpkg-deb --root-owner-group -Zxz -z9 --build "$deb" "$out/sqlite-safe-native_${deb_version}_$architecture.deb" >/dev/null
}

make_rpm() {
    need rpmbuild
    tree "$work/rpm/tree" /usr/share/zsh/site-functions
    mkdir -p "$work/rpm/tree/usr/share/licenses/sqlite-safe"
    cp "$root/LICENSE" "$here/deb/copyright" "$work/rpm/tree/usr/share/licenses/sqlite-safe/"
    settle "$work/rpm/tree"
    fill "$here/rpm/sqlite-safe.spec.in" VERSION="$(printf '%s' "$version" | sed 's/-/~/')" MAINTAINER="$maintainer" \
        DATE="$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')" >"$work/rpm/sqlite-safe.spec"
    rpmbuild --quiet -bb --target "$machine" --define "_topdir $work/rpm" --define "tree $work/rpm/tree" \
        --define '_buildhost localhost' --define 'use_source_date_epoch_as_buildtime 1' \
        --define 'clamp_mtime_to_source_date_epoch 1' "$work/rpm/sqlite-safe.spec" >"$work/rpm/log" 2>&1 ||
        fail "rpmbuild: $(tail -n 3 "$work/rpm/log")"
    cp "$work"/rpm/RPMS/"$machine"/*.rpm "$out/"
}

sha256() {
    sha256sum "$1" | cut -d ' ' -f 1
}
make_formula() {
    fill "$here/homebrew/sqlite-safe.rb.in" VERSION="$version" URL="${RELEASE_URL:-https://sqlite-safe.example/$version}" \
        TAR="$tar_name.tar.gz" TAR_SHA256="$(sha256 "$out/$tar_name.tar.gz")" \
        JAR_SHA256="$(sha256 "$out/sqlite-safe-$version.jar")" >"$out/sqlite-safe.rb"
}
make_docker() {
    rm -rf "$out/docker"
    mkdir "$out/docker"
    cp "$here/container/Dockerfile" "$out/docker/"
    fill "$here/container/cronjob.yaml.in" VERSION="$version" >"$out/docker/cronjob.yaml"
    cp "$out"/sqlite-safe_*.deb "$out/docker/sqlite-safe.deb"
}

for package in tar deb rpm formula docker native; do
    # An older one of the same kind would be packed up with the new.
    case $package in
    deb) ! wanted deb || rm -f "$out"/sqlite-safe_*.deb ;;
    rpm) ! wanted rpm || rm -f "$out"/*.rpm ;;
    native) ! wanted native || rm -f "$out"/sqlite-safe-native* ;;
    esac
    ! wanted $package || make_$package
done
(cd "$out" && find . -type f ! -name SHA256SUMS ! -name 'maven-metadata*' | sed 's|^\./||' | sort | xargs sha256sum) \
    >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$out/SHA256SUMS"
echo "packages and SHA256SUMS are in $out"
