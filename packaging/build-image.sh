#!/bin/sh
# build-image.sh TARGET_DIR MAVENS_JAVA_HOME TIMESTAMP
#
# Called by Maven's package phase. Makes TARGET_DIR/sqlite-safe, ready to run, from the class path in
# TARGET_DIR/image-input/class-path. Does nothing when nothing changed since the last time.
set -eu

target=$(cd "$1" && pwd)
maven_java_home=$2
timestamp=$3
here=$(cd "$(dirname "$0")" && pwd)
input=$target/image-input
work=$target/image-work
image=$target/sqlite-safe
mkdir -p "$work"

warn() {
    printf '[WARNING] packaging: %s\n' "$*" >&2
}

# Two builds in one tree wait for each other.
if command -v flock >/dev/null; then
    exec 9>"$work/lock"
    flock 9
fi

checksum() {
    if command -v sha256sum >/dev/null; then sha256sum; else cksum; fi | cut -d ' ' -f 1
}

# find_jdk MAJOR TOOL CHOSEN: a JDK of that version with bin/TOOL, from JAVA_HOME, Maven's own, CHOSEN
# and the usual place. CHOSEN "none" means: as if there were none.
find_jdk() {
    [ "$3" != none ] || return 0
    for jdk in "${JAVA_HOME-}" "$maven_java_home" "$3" /usr/lib/jvm/*; do
        if [ -x "$jdk/bin/$2" ] && grep -q "^JAVA_VERSION=\"$1[.\"]" "$jdk/release" 2>/dev/null; then
            printf '%s\n' "$jdk"
            return
        fi
    done
}
jdk25=$(find_jdk 25 jlink "${SQLITE_SAFE_JDK25-}")
jdk17=$(find_jdk 17 java "${SQLITE_SAFE_JDK17-}")

IFS=:
# shellcheck disable=SC2046
set -- $(cat "$input/class-path")
unset IFS

# The archive of a JDK 17 depends on where the image stands, hence $image.
stamp=$({
    printf '%s\n' "$image" "$timestamp" "$jdk25" "$jdk17" "$@"
    cat "$@" "$input"/*-sources.jar "$0" "$here"/image/* "$here/samples/nightly-backup" ${jdk25:+"$jdk25/release"} ${jdk17:+"$jdk17/release"}
} | checksum)
if [ -f "$image/.stamp" ] && [ "$(cat "$image/.stamp")" = "$stamp" ]; then
    exit 0
fi

new=$work/new
rm -rf "$new"
mkdir -p "$new/bin" "$new/lib/native"

# picocli's own jar has Java 5 bytecode, which class-data archives refuse (picocli issue 1623).
# String concatenation by invokedynamic costs time at each start, archive or not. To be linked, it has to be
# a module by more than its name.
recompile_picocli() { # SOURCES JAR
    rm -rf "$work/picocli"
    mkdir -p "$work/picocli/sources" "$work/picocli/classes"
    (cd "$work/picocli/sources" && "$maven_java_home/bin/jar" --extract --file "$1")
    printf 'open module info.picocli { exports picocli; requires static java.sql; }\n' >"$work/picocli/sources/module-info.java"
    "$maven_java_home/bin/javac" --release 17 -XDstringConcat=inline -nowarn -Xlint:none -proc:none -encoding UTF-8 \
        -d "$work/picocli/classes" "$work/picocli/sources/module-info.java" "$work/picocli/sources/picocli"/*.java
    "$maven_java_home/bin/jar" --create --file "$2" --date "$timestamp" -C "$work/picocli/classes" .
    rm -rf "$work/picocli"
}

# Libraries for all systems are most of what a package would hold; those for this one are in lib/native.
without_natives() { # JAR FOLDER...: leaves it at $work/NAME
    stripped=$work/${1##*/}
    rm -rf "$work/jar" "$stripped"
    mkdir "$work/jar"
    (cd "$work/jar" && "$maven_java_home/bin/jar" --extract --file "$1")
    manifest=$work/jar/META-INF/MANIFEST.MF
    shift
    for folder; do rm -rf "$work/jar/${folder:?}"; done
    "$maven_java_home/bin/jar" --create --file "$stripped" --date "$timestamp" --manifest "$manifest" -C "$work/jar" .
    rm -rf "$work/jar"
}

class_path=
zstd=
for jar in "$@"; do
    name=${jar##*/}
    case $name in
    picocli-*)
        sources=$input/${name%.jar}-sources.jar
        compiled=$work/${name%.jar}-$(cat "$sources" "$0" | checksum).jar
        [ -f "$compiled" ] || recompile_picocli "$sources" "$compiled"
        jar=$compiled
        ;;
    sqlite-jdbc-*)
        # Otherwise the driver unpacks its library into the temporary directory at each start.
        library=org/sqlite/native/$("$maven_java_home/bin/java" -cp "$jar" org.sqlite.util.OSInfo)
        (cd "$work" && "$maven_java_home/bin/jar" --extract --file "$jar" "$library")
        mv "$work/$library"/* "$new/lib/native/"
        rm -rf "$work/org"
        without_natives "$jar" org/sqlite/native
        jar=$stripped
        ;;
    jline-native-*)
        # Likewise, upon the first interactive shell.
        os=$("$maven_java_home/bin/java" -cp "$(printf '%s:' "$@")" org.sqlite.util.OSInfo | sed 's/aarch64/arm64/')
        if (cd "$work" && "$maven_java_home/bin/jar" --extract --file "$jar" "org/jline/nativ/$os") &&
            [ -d "$work/org/jline/nativ/$os" ]; then
            mv "$work/org/jline/nativ/$os"/* "$new/lib/native/"
        fi
        rm -rf "$work/org"
        ;;
    zstd-jni-*)
        # Likewise, upon the first compressed backup.
        system=$(uname -s | tr '[:upper:]' '[:lower:]')
        machine=$("$maven_java_home/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *os\.arch = //p')
        library=$("$maven_java_home/bin/jar" --list --file "$jar" | grep "^$system/$machine/libzstd" || true)
        if [ -n "$library" ]; then
            (cd "$work" && "$maven_java_home/bin/jar" --extract --file "$jar" "$library")
            mv "$work/$library" "$new/lib/native/"
            rm -rf "${work:?}/$system"
            zstd=${library##*/}
        else
            warn "$name has no library for $system/$machine: no zstd"
        fi
        without_natives "$jar" aix darwin freebsd linux win
        jar=$stripped
        ;;
    esac
    cp "$jar" "$new/lib/$name"
    class_path=$class_path${class_path:+:}\$home/lib/$name
done
# Archives remember each jar's time and size. A time that packages keep, as they are reproducible too.
find "$new/lib" -type f -exec touch -d "$timestamp" {} +

sed "s|@CLASS_PATH@|$class_path|; s|@ZSTD@|$zstd|" "$here/image/sqlite-safe" >"$new/bin/sqlite-safe"
cp "$here/image/make-cache" "$new/lib/make-cache"
cp "$here/samples/nightly-backup" "$new/bin/nightly-backup"
chmod 755 "$new/bin/sqlite-safe" "$new/bin/nightly-backup" "$new/lib/make-cache"

# Linked with our own jars in it: a class-data archive then depends on one file whose time nothing
# looks at (the time of each jar counts: after "cp -r" the archive would be refused in silence, and each
# start take five times as long), and no jar has to be opened.
link_runtime() {
    linked=$work/runtime-$(cat "$new"/lib/*.jar "$jdk25/release" "$0" | checksum)
    if [ ! -d "$linked" ]; then
        rm -rf "$work"/runtime-*
        # Not compressed: packages do that better, and it would have to be undone at each start.
        "$jdk25/bin/jlink" --module-path "$new/lib" --add-modules io.sqlitesafe.cli --vm=server \
            --no-header-files --no-man-pages --output "$linked.part" >"$work/link.log" 2>&1 || return
        mv "$linked.part" "$linked"
    fi
    cp -a "$linked" "$new/runtime"
}
if [ -z "$jdk25" ]; then
    warn 'no JDK 25 found (JAVA_HOME, SQLITE_SAFE_JDK25, /usr/lib/jvm): the image gets no runtime of its own'
elif ! link_runtime; then
    warn "linking with $jdk25 failed, the image gets no runtime of its own: $(head -n 1 "$work/link.log")"
    rm -rf "$new/runtime" "$work"/runtime-*
fi

# Into place first: the archives have to be made where they are used.
rm -rf "$work/old"
[ ! -d "$image" ] || mv "$image" "$work/old"
mv "$new" "$image"
rm -rf "$work/old"

# A missing archive only costs time, so it never fails the build, but the next build tries again.
complete=yes
make_cache() {
    message=$("$image/lib/make-cache" "$@" 2>&1) || {
        warn "$message"
        complete=no
    }
}
[ ! -d "$image/runtime" ] || make_cache
if [ -n "$jdk17" ]; then
    make_cache "$jdk17/bin/java"
elif [ ! -d "$image/runtime" ]; then
    make_cache "$maven_java_home/bin/java"
fi
if [ $complete = yes ]; then
    printf '%s\n' "$stamp" >"$image/.stamp"
fi
