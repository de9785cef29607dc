#!/bin/sh
# build-native.sh IMAGE OUT: the executable OUT/sqlite-safe and its libraries in OUT/native, from IMAGE, the image for a JVM (packaging/target/sqlite-safe).
#
# With a native-image command (GraalVM 21 or later) that one builds. Without one the builder is put together from what Debian 12 and Maven Central have: OpenJDK 17,
# binaries and source, and svm, the part of GraalVM that turns bytecode into machine code. README.md says why each step is there.
# SQLITE_SAFE_NATIVE_WORK is where it works and keeps the builder (default: OUT/work; 1 GB), OPTIMIZE is b (quickest to build) or 2.
# Exit status 77, with one line: what is missing here.
set -eu
LC_ALL=C.UTF-8 # the charset of file names is compiled in
export LC_ALL
image=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=${SQLITE_SAFE_NATIVE_WORK:-$out/work}
mkdir -p "$work"
work=$(cd "$work" && pwd)

# The pair that fits: svm 23.0.6 was the last for Java 17, and the patches are for this OpenJDK. The C library of the builder was last published with 21.1.0.
debian=17.0.19+10-1~deb12u2
svm=23.0.6
c_library=21.1.0

step() { printf '%s %s\n' "$(date +%T)" "$*"; }
missing() {
    echo "build-native.sh: $*" >&2
    exit 77
}

class_path=
for jar in "$image"/lib/*.jar; do
    class_path=$class_path${class_path:+:}$jar
done
metadata=META-INF/native-image/io.sqlitesafe/sqlite-safe-cli/reachability-metadata.json

place_libraries() {
    rm -rf "$out/native"
    cp -R "$image/lib/native" "$out/native"
}

if command -v native-image >/dev/null; then
    step "$(native-image --version | head -n 1)"
    native-image --no-fallback -O"${OPTIMIZE:-2}" -H:+AddAllCharsets -R:-ParseRuntimeOptions --enable-native-access=ALL-UNNAMED \
        -cp "$class_path" -o "$out/sqlite-safe" io.sqlitesafe.cli.Main
    place_libraries
    rm -rf "$out/licences"
    mkdir "$out/licences"
    home=$(dirname "$(dirname "$(readlink -f "$(command -v native-image)")")")
    find "$home" -maxdepth 2 -iname 'LICENSE*' -exec cp {} "$out/licences/" \;
    exit 0
fi

[ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] || missing 'without GraalVM it can be built on Linux for x86-64 only'
for tool in apt-get dpkg-deb gcc ar mvn tar xz unzip; do
    command -v $tool >/dev/null || missing "no native-image command, and no $tool to build without one"
done

# --- OpenJDK 17: binaries and source ---
fetch_jdk() {
    step "OpenJDK $debian, binaries and source"
    mkdir -p apt/lists/partial apt/cache/archives/partial debs source
    # The machine's own sources, with source packages too; a state of its own, so that nothing of the machine's changes.
    {
        for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
            [ -f "$list" ] && sed -n 's/^deb \(.*\)/deb \1\ndeb-src \1/p' "$list"
        done
    } >apt/machine.list
    mkdir -p apt/parts
    for list in /etc/apt/sources.list.d/*.sources; do
        [ -f "$list" ] && sed 's/^Types:.*/Types: deb deb-src/' "$list" >"apt/parts/${list##*/}"
    done
    cat >apt/apt.conf <<A
Dir::Etc::sourcelist "$work/apt/machine.list"; Dir::Etc::sourceparts "$work/apt/parts";
Dir::State::lists "$work/apt/lists"; Dir::Cache "$work/apt/cache"; APT::Sandbox::User "root";
A
    APT_CONFIG=$work/apt/apt.conf
    export APT_CONFIG
    apt-get -qq update
    found=$(apt-cache madison openjdk-17-jdk-headless | awk '{print $3}' | sort -u | tr '\n' ' ')
    case " $found" in
    *" $debian "*) ;;
    *) missing "made for openjdk-17 $debian, found ${found:-none}" ;;
    esac
    (
        cd debs
        apt-get -qq download "openjdk-17-jdk-headless=$debian" "openjdk-17-jre-headless=$debian" "openjdk-17-source=$debian"
        for package in *.deb; do dpkg-deb -x "$package" root; done
    )
    (
        cd source
        apt-get -qq source --download-only --only-source "openjdk-17=$debian"
        mkdir -p tree
        tar -xJf openjdk-17_*.orig.tar.xz -C tree --strip-components=1 --wildcards \
            '*/src/java.base/*/native/*' '*/src/hotspot/share/include/*' '*/src/hotspot/os/posix/include/*'
    )
    unset APT_CONFIG
}

fetch_builder() {
    step "svm $svm"
    cat >pom.xml <<P
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>builder</groupId><artifactId>builder</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>
<dependency><groupId>org.graalvm.nativeimage</groupId><artifactId>svm</artifactId><version>$svm</version></dependency>
<dependency><groupId>org.graalvm.nativeimage</groupId><artifactId>native-image-base</artifactId><version>$svm</version></dependency>
<dependency><groupId>org.graalvm.nativeimage</groupId><artifactId>svm-hosted-native-linux-amd64</artifactId><version>$c_library</version><type>tar.gz</type></dependency>
</dependencies></project>
P
    mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies -DoutputDirectory="$work/jars"
}

# Where the builder looks for things: a JDK with its jars and C libraries added. Debian's has links into /etc.
make_home() {
    rm -rf home c_library
    cp -r debs/root/usr/lib/jvm/java-17-openjdk-amd64 home
    find home -type l -printf '%p %l\n' | grep ' /etc/java' | while read -r link target; do
        rm "$link"
        cp -r "debs/root$target" "$link"
    done
    find home -name cacerts -type l -delete
    mkdir -p "$builder/lib" "$libraries/include" "$static" c_library
    cp jars/*.jar "$builder/"
    tar -xzf jars/svm-hosted-native-linux-amd64-$c_library.tar.gz -C c_library
}

# What javac -h would have made when the JDK was built.
make_headers() {
    step 'JNI headers'
    rm -rf java headers
    mkdir java
    unzip -q debs/root/usr/lib/jvm/openjdk-17/lib/src.zip 'java.base/*' -d java
    grep -rlE '\bnative\b.*\(|@Native' java/java.base --include=*.java >natives
    "$jdk/javac" -nowarn -Xlint:none -XDignore.symbol.file -proc:none -implicit:none -h headers -d header-classes \
        --patch-module java.base=java/java.base @natives 2>/dev/null
}

# The C of java.base as static libraries; the JDK has it as shared ones only. No part of HotSpot.
make_java_libraries() {
    step 'static libraries of java.base'
    base=source/tree/src/java.base
    hotspot=source/tree/src/hotspot
    include="-Iheaders -Ihome/include -I$base/share/native/include -I$base/unix/native/include -I$hotspot/share/include -I$hotspot/os/posix/include"
    for library in libjava libnet libnio libzip libfdlibm; do
        for folder in share unix linux; do
            for part in '' /ch /fs; do
                [ ! -d "$base/$folder/native/$library$part" ] || include="$include -I$base/$folder/native/$library$part"
            done
        done
    done
    # The version is asked for by functions that a native executable does not have.
    define='-DSTATIC_BUILD=1 -DLINUX -D_GNU_SOURCE -D_REENTRANT -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64 -D_LITTLE_ENDIAN -D_LP64=1 -DNDEBUG -Damd64
        -DARCHPROPNAME="amd64" -DUSE_MMAP -DVERSION_FEATURE=17 -DVERSION_INTERIM=0 -DVERSION_UPDATE=0 -DVERSION_PATCH=0 -DVERSION_BUILD=0
        -DVERSION_STRING="17" -DVERSION_SPECIFICATION="17" -DVERSION_CLASSFILE_MAJOR=61 -DVERSION_CLASSFILE_MINOR=0'
    rm -rf objects
    for library in java net nio zip fdlibm; do
        mkdir -p objects/$library
        case $library in
        fdlibm) level='-O0 -ffp-contract=off' ;; # its results are exact only so
        zip | net) level=-O2 ;;
        *) level=-O3 ;;
        esac
        # linux hides unix hides share, where there are several files of one name.
        for folder in linux unix share; do
            for file in "$base/$folder/native/lib$library"/*.c "$base/$folder/native/lib$library"/ch/*.c "$base/$folder/native/lib$library"/fs/*.c; do
                object=objects/$library/$(basename "$file" .c).o
                [ -f "$file" ] && [ ! -e "$object" ] || continue
                : >"$object"
                echo "$level -DLIBRARY_NAME=$library $file -o $object"
            done
        done
    done >compile
    # shellcheck disable=SC2086
    xargs -P "$(nproc)" -L 1 gcc -c -fPIC -fno-strict-aliasing -fno-delete-null-pointer-checks -fno-common -w \
        -ffunction-sections -fdata-sections $define $include <compile
    for library in java net nio zip fdlibm; do
        ar rcs "$static/lib$library.a" objects/$library/*.o
    done
}

# features TYPE: the C structure that TYPE's Java class describes.
features() {
    echo '#pragma once'
    echo 'typedef struct {'
    "$jdk/javap" -p -cp "$builder/svm-$svm.jar" "$1" | grep -oE 'boolean f[A-Za-z0-9_]+' | awk '{print "  char " $2 ";"}'
    echo '} CPUFeatures;'
}

# svm's own C libraries: those of 21.1.0, and what 23.0 wants besides.
make_svm_libraries() {
    step "C libraries of svm"
    features 'com.oracle.svm.core.amd64.AMD64LibCHelper$CPUFeatures' >"$libraries/include/amd64cpufeatures.h"
    features 'com.oracle.svm.core.aarch64.AArch64LibCHelper$CPUFeatures' >"$libraries/include/aarch64cpufeatures.h"
    features 'com.oracle.svm.core.riscv64.RISCV64LibCHelper$CPUFeatures' >"$libraries/include/riscv64cpufeatures.h"
    rm -rf helper
    mkdir helper
    (
        cd helper
        ar x ../c_library/linux-amd64/liblibchelper.a
        gcc -c -O2 -fPIC -I"$libraries/include" -o cpuid.o "$here/c/cpuid.c"
        gcc -c -O2 -fPIC "$here/c/extra.c"
        ar rcs "$libraries/liblibchelper.a" ./*.o
    )
    cp c_library/linux-amd64/libjvm.a "$libraries/libjvm.a"
    gcc -c -O2 -fPIC -o helper/jio.o "$here/c/jio.c"
    ar r "$libraries/libjvm.a" helper/jio.o 2>/dev/null
    # What java.base's C names of the VM and no native executable calls: as many functions as the linker misses.
    echo 'int __svm_vm_is_static_binary; int main(){return 0;}' >helper/main.c
    {
        printf '#include <stdio.h>\n#include <stdlib.h>\n'
        gcc -o /dev/null helper/main.c -Wl,--whole-archive "$static/libjava.a" "$static/libnet.a" "$static/libnio.a" "$static/libzip.a" -Wl,--no-whole-archive \
            "$static/libfdlibm.a" "$libraries/libjvm.a" "$libraries/liblibchelper.a" -lz -ldl -lpthread -lm 2>&1 |
            grep -oE 'undefined reference to .JVM_[A-Za-z]+' | grep -oE 'JVM_[A-Za-z]+' | sort -u | while read -r name; do
            printf 'void %s(void) { fputs("%s: not in a native executable\\n", stderr); abort(); }\n' "$name" "$name"
        done
    } >helper/absent.c
    gcc -c -O2 -fPIC -o helper/absent.o helper/absent.c
    ar r "$libraries/libjvm.a" helper/absent.o
    gcc -shared -fPIC -O2 -Ihome/include -Ihome/include/linux -o "$builder/lib/libreporterchelper.so" "$here/c/reporter.c"
}

patch_builder() {
    step "svm $svm for OpenJDK $debian"
    rm -rf svm-patch jvmci-patch
    mkdir svm-patch jvmci-patch
    "$jdk/javac" -nowarn -proc:none -cp "$builder/*" -d svm-patch "$here"/svm/*.java
    "$jdk/java" --add-exports java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED "$here/builder/Patch.java" "$builder/svm-$svm.jar" svm-patch jvmci-patch ||
        missing "the patches were made for svm $svm and openjdk-17 $debian"
    targets=org.graalvm.nativeimage.builder,org.graalvm.nativeimage.base,org.graalvm.nativeimage.pointsto,org.graalvm.nativeimage.objectfile
    targets=$targets,jdk.internal.vm.compiler,org.graalvm.sdk,org.graalvm.truffle,ALL-UNNAMED
    "$jdk/java" "$here/builder/Exports.java" $targets "$builder"/*.jar >exports
}

cd "$work"
jdk=$work/home/bin
builder=$work/home/lib/svm/builder
libraries=$work/home/lib/svm/clibraries/linux-amd64
static=$work/home/lib/static/linux-amd64/glibc
made_from=$(cat "$here/build-native.sh" "$here"/builder/*.java "$here"/svm/*.java "$here"/c/*.c | cksum)
if [ ! -f made-from ] || [ "$(cat made-from)" != "$made_from" ]; then
    rm -f made-from
    [ -d source/tree ] || fetch_jdk
    [ -d jars ] || fetch_builder
    make_home
    make_headers
    make_java_libraries
    make_svm_libraries
    patch_builder
    echo "$made_from" >made-from
fi

step 'native executable'
rm -rf metadata temporary
mkdir metadata temporary
unzip -q -o "$image"/lib/sqlite-safe-cli-*.jar $metadata -d metadata
"$jdk/java" -cp "$(echo "$image"/lib/jackson-core-*.jar)" "$here/builder/Metadata.java" metadata/$metadata metadata
resources= reflection=
for part in jline-native jline-terminal jline-terminal-jni; do
    resources=$resources${resources:+,}META-INF/native-image/org.jline/$part/resource-config.json
    reflection=$reflection${reflection:+,}META-INF/native-image/org.jline/$part/reflection-config.json
done
JVMCI_VERSION_CHECK=ignore
export JVMCI_VERSION_CHECK
# What the native-image command would pass on; the compiler that makes the executable must not compile this JVM's own code.
"$jdk/java" -XX:+UseParallelGC -XX:+UnlockExperimentalVMOptions -XX:+EnableJVMCI -XX:-UseJVMCICompiler -Xss10m -Xmx6g \
    -Duser.country=US -Duser.language=en -Djava.awt.headless=true \
    -Dorg.graalvm.version=$svm -Dorg.graalvm.config=CE -Dcom.oracle.graalvm.isaot=true -Dsubstratevm.HostLibC=glibc \
    -Dtruffle.TrustAllTruffleRuntimeProviders=true -Dtruffle.TruffleRuntime=com.oracle.truffle.api.impl.DefaultTruffleRuntime \
    -Dgraalvm.ForcePolyglotInvalid=true -Dgraalvm.locatorDisabled=true \
    -Djdk.internal.lambda.disableEagerInitialization=true -Djdk.internal.lambda.eagerlyInitialize=false \
    -Djava.lang.invoke.InnerClassLambdaMetafactory.initializeLambdas=false \
    -Djava.system.class.loader=com.oracle.svm.hosted.NativeImageSystemClassLoader \
    @exports --add-modules=ALL-SYSTEM \
    --patch-module jdk.internal.vm.ci=jvmci-patch --patch-module org.graalvm.nativeimage.builder=svm-patch \
    --upgrade-module-path "$builder/compiler-$svm.jar:$builder/graal-sdk-$svm.jar:$builder/truffle-api-$svm.jar" \
    --module-path "$builder/svm-$svm.jar:$builder/native-image-base-$svm.jar:$builder/objectfile-$svm.jar:$builder/pointsto-$svm.jar" \
    --module org.graalvm.nativeimage.builder/com.oracle.svm.hosted.NativeImageGeneratorRunner \
    -imagecp "$class_path" -H:CLibraryPath="$libraries" -H:Path="$out" -H:Class=io.sqlitesafe.cli.Main -H:Name=sqlite-safe \
    -H:FallbackThreshold=0 -H:+ReportExceptionStackTraces -H:MicroArchitecture="${MARCH:-compatibility}" -H:Optimize="${OPTIMIZE:-2}" \
    -H:TempDirectory="$work/temporary" -H:-ParseRuntimeOptions -H:+AddAllCharsets \
    -H:Features=org.sqlite.nativeimage.SqliteJdbcFeature -H:EnableURLProtocols=jar \
    -H:ReflectionConfigurationFiles=metadata/reflect-config.json -H:JNIConfigurationFiles=metadata/jni-config.json \
    -H:ResourceConfigurationFiles=metadata/resource-config.json -H:ResourceConfigurationResources="$resources" \
    -H:ReflectionConfigurationResources="$reflection" \
    -H:JNIConfigurationResources=META-INF/native-image/org.jline/jline-native/jni-config.json
place_libraries
# Both are under GPL 2 with the Class Path Exception, which lets what is linked with them have any licence.
rm -rf "$out/licences"
mkdir "$out/licences"
cp debs/root/usr/share/doc/openjdk-17-jre-headless/copyright "$out/licences/openjdk"
{
    echo "Parts of this executable come from GraalVM's svm $svm: GNU General Public License, version 2, with the Class Path Exception (its text is in"
    echo "OpenJDK's licence). Source: the tag vm-$svm of GraalVM's public repository."
    echo
    cat /usr/share/common-licenses/GPL-2
} >"$out/licences/svm"
step "$out/sqlite-safe"
