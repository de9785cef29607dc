#!/bin/sh
# test-launcher.sh IMAGE: what the launcher promises. First with a stand-in for java that shows what
# it was given, then with the image itself (and SQLITE_SAFE_JAVA, if set).
set -u

image=$(cd "$1" && pwd) || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

# check NAME EXPECTED ACTUAL
check() {
    if [ "$2" != "$3" ]; then
        failures=$((failures + 1))
        printf 'FAILED %s\n  expected: %s\n  actual:   %s\n' "$1" "$2" "$3" >&2
    fi
}
# check_has NAME PART WHOLE
check_has() {
    case $3 in
    *"$2"*) ;;
    *) check "$1" "…$2…" "$3" ;;
    esac
}

# --- a stand-in for java ---
# new_java HOME VERSION
new_java() {
    mkdir -p "$1/bin"
    printf 'IMPLEMENTOR="nobody"\nJAVA_RUNTIME_VERSION="%s"\nJAVA_VERSION="%s"\n' "$2" "$2" >"$1/release"
    cat >"$1/bin/java" <<'EOF'
#!/bin/sh
echo "java $0"
echo "pid $$"
echo "lc_all ${LC_ALL-unset} saved ${SQLITE_SAFE_SAVED_LC_ALL-none}"
printf '[%s]' "$@"
exit 42
EOF
    chmod +x "$1/bin/java"
}
# Only what the launcher itself needs, no java.
tools=$scratch/tools
mkdir "$tools"
for tool in sh readlink; do
    ln -s "$(command -v $tool)" "$tools/$tool"
done
home="$scratch/a home"
mkdir -p "$home/lib/cache" "$home/bin"
cp "$image/bin/sqlite-safe" "$home/bin/"
new_java "$scratch/old" 1.8.0_292
new_java "$scratch/eleven" 11.0.2+9
new_java "$scratch/new java" 17.0.1+2
: >"$home/lib/cache/java-17.0.1+2.jsa"
# clean VARIABLE=VALUE... COMMAND...
clean() {
    env -i PATH="$tools" "$@"
}
run() {
    clean JAVA_HOME="$scratch/new java" "$@" 2>&1
}

check_has 'by its path' "[-Dorg.sqlite.lib.path=$home/lib/native]" "$(run "$home/bin/sqlite-safe")"
run "$home/bin/sqlite-safe" >/dev/null
check 'exit status' 42 $?
check_has 'arguments unchanged' "Main][read][a  b][][*][-f][x
y]" "$(run "$home/bin/sqlite-safe" read 'a  b' '' '*' -f 'x
y')"
check_has 'options split, not expanded' '[-Da=*][-Db=c][-cp]' \
    "$(run SQLITE_SAFE_JAVA_OPTS='-Da=*  -Db=c' "$home/bin/sqlite-safe")"

# By symbolic links, relative names and PATH; always this image.
mkdir "$scratch/links"
ln -s "$home/bin/sqlite-safe" "$scratch/links/absolute"
ln -s "../a home/bin/sqlite-safe" "$scratch/links/relative"
ln -s relative "$scratch/links/chain"
ln -s "$home" "$scratch/links/directory"
: >"$home/lib/here"
found_home() {
    output=$(run "$@")
    found=${output#*-Dorg.sqlite.lib.path=}
    found=${found%%/lib/native]*}
    case $found in
    /*) [ -e "$found/lib/here" ] && echo found && return ;;
    esac
    echo "$output"
}
for link in absolute relative chain directory/bin/sqlite-safe; do
    check "symbolic link $link" found "$(found_home "$scratch/links/$link")"
done
check 'through PATH' found "$(found_home PATH="$home/bin:$tools" sqlite-safe)"
check 'symbolic link through PATH' found "$(found_home PATH="$scratch/links:$tools" chain)"
check 'relative' found "$(cd "$home" && found_home bin/sqlite-safe)"
check 'in the same directory' found "$(cd "$home/bin" && found_home ./sqlite-safe)"
check 'sh with a bare name' found "$(cd "$home/bin" && found_home sh sqlite-safe)"

# In a directory that was deleted, and made again; and below one that is closed to this user.
stdout=$(mkdir "$scratch/gone" && cd "$scratch/gone" && rmdir "$scratch/gone" && mkdir "$scratch/gone" &&
    run "$home/bin/sqlite-safe" 2>&1)
check 'in a deleted directory: exit status' 70 $?
check_has 'in a deleted directory' 'sqlite-safe: the current directory has been deleted' "$stdout"
if [ "$(id -u)" -eq 0 ]; then
    mkdir -p "$scratch/closed/in"
    chmod 755 "$scratch"
    check_has 'below a closed directory' Main] "$(cd "$scratch/closed/in" && chmod 700 "$scratch/closed" &&
        JAVA_HOME="$scratch/new java" setpriv --reuid 12345 --clear-groups "$home/bin/sqlite-safe" 2>&1)"
fi

# Which java.
check_has 'JAVA_HOME and its archive' "[-XX:SharedArchiveFile=$home/lib/cache/java-17.0.1+2.jsa]" \
    "$(run "$home/bin/sqlite-safe")"
for old in old eleven; do
    check_has "JAVA_HOME $old is passed over for PATH" "java $scratch/new java/bin/java" \
        "$(clean JAVA_HOME="$scratch/$old" PATH="$scratch/new java/bin:$tools" "$home/bin/sqlite-safe")"
done
mkdir "$scratch/usr-bin"
ln -s "$scratch/new java/bin/java" "$scratch/usr-bin/java"
case $(run "$home/bin/sqlite-safe") in
*native-access*) check 'no option about modules for 17' without with ;;
esac
check_has 'symbolic link to java and its archive' "java-17.0.1+2.jsa]" \
    "$(clean PATH="$scratch/usr-bin:$tools" "$home/bin/sqlite-safe")"
for variable in SQLITE_SAFE_JAVA= SQLITE_SAFE_JAVA=/nowhere/java "SQLITE_SAFE_JAVA=$scratch/eleven/bin/java"; do
    stdout=$(clean "$variable" "$home/bin/sqlite-safe" 2>"$scratch/stderr")
    check "no java ($variable): exit status" 70 $?
    check "no java ($variable): stdout" '' "$stdout"
    check "no java ($variable): lines on stderr" 1 "$(($(wc -l <"$scratch/stderr")))"
done
new_java "$home/runtime" 25
: >"$home/lib/cache/runtime.jsa"
check_has 'the bundled runtime comes before JAVA_HOME' "java $home/runtime/bin/java" "$(run "$home/bin/sqlite-safe")"
check_has 'and has its own archive' "$home/lib/cache/runtime.jsa]" "$(run "$home/bin/sqlite-safe")"
check_has 'SQLITE_SAFE_JAVA comes first' "java $scratch/new java/bin/java" \
    "$(run SQLITE_SAFE_JAVA="$scratch/new java/bin/java" "$home/bin/sqlite-safe")"
check_has 'and native access' '[--enable-native-access=org.xerial.sqlitejdbc,' "$(run "$home/bin/sqlite-safe")"
rm "$home/lib/cache/runtime.jsa"
case $(run "$home/bin/sqlite-safe") in
*SharedArchiveFile*) check 'no archive, no option for it' without with ;;
esac
env -i PATH="$tools" JAVA_HOME="$scratch/new java" "$home/bin/sqlite-safe" >"$scratch/stdout" &
pid=$!
wait $pid
check_has 'java replaces the shell' "pid $pid
" "$(cat "$scratch/stdout")"

check_has 'no terminals' '[-Dsqlitesafe.terminals=]' "$(run "$home/bin/sqlite-safe" </dev/null)"

# Streams that are not open: what java would open first must not take their numbers.
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
    cat >"$scratch/new java/bin/streams" <<'EOF'
#!/bin/sh
for n in 0 1 2; do [ -e /proc/$$/fd/$n ] || echo "$n is not open" >>"$STREAMS"; done
EOF
    chmod +x "$scratch/new java/bin/streams"
    : >"$scratch/streams"
    (eval "clean STREAMS='$scratch/streams' SQLITE_SAFE_JAVA='$scratch/new java/bin/streams' '$home/bin/sqlite-safe' $closed")
    check "streams $closed" '' "$(cat "$scratch/streams")"
done

# Compilers.
check_has 'short commands: quick compiler' TieredStopAtLevel "$(run "$home/bin/sqlite-safe" write)"
case $(run "$home/bin/sqlite-safe" backup) in
*TieredStopAtLevel*) check 'long commands: all compilers' all quick ;;
esac
check_has 'export: quick compiler' TieredStopAtLevel "$(run "$home/bin/sqlite-safe" changeset export)"
case $(run "$home/bin/sqlite-safe" changeset apply) in
*TieredStopAtLevel*) check 'other changeset commands: all compilers' all quick ;;
esac

# Locale.
# locale EXPECTED VARIABLE=VALUE...
locale() {
    expected=$1
    shift
    check_has "locale $*" "lc_all $expected" "$(run "$@" "$home/bin/sqlite-safe")"
}
locale 'C.UTF-8 saved unset'
locale 'C.UTF-8 saved unset' LANG=C
locale 'C.UTF-8 saved unset' LANG=C.UTF-8 LC_CTYPE=POSIX
locale 'C.UTF-8 saved C' LANG=C.UTF-8 LC_ALL=C
locale 'C.UTF-8 saved ' LANG=C LC_ALL=
locale 'C.UTF-8 saved de_DE@euro' LC_ALL=de_DE@euro
locale 'unset saved none' LANG=C.UTF-8
locale 'unset saved none' LANG=C.utf8 SQLITE_SAFE_SAVED_LC_ALL=old
locale 'C.UTF-8 saved none' LC_ALL=C.UTF-8 LANG=C
if [ -d /usr/lib/locale/C.utf8 ]; then
    locale 'C.UTF-8 saved unset' LANG=xx_XX.UTF-8
else
    locale 'unset saved none' LANG=xx_XX.UTF-8
fi

# --- the image itself, as cron would call it ---
sqlite_safe() {
    env -i PATH=/usr/bin:/bin ${SQLITE_SAFE_JAVA:+SQLITE_SAFE_JAVA="$SQLITE_SAFE_JAVA"} "$@" </dev/null
}
safe=$image/bin/sqlite-safe
database="$scratch/ä 名 ?x=1#y%41.db"
sqlite_safe "$safe" write --create "$database" 'CREATE TABLE t AS SELECT 1 AS a' >"$scratch/stdout" 2>"$scratch/stderr"
check "write exit status" 0 $?
check 'write: stderr' '' "$(cat "$scratch/stderr")"
check 'the file has its name' "$database" "$(ls "$scratch"/*41.db)"
check_has 'the name in JSON' "$database" "$(sqlite_safe "$safe" write "$database" 'INSERT INTO t VALUES(2)' --json)"
for options in -XX:SharedArchiveFile=/nowhere -Xmx40g -XX:SharedArchiveFile="$0"; do
    stdout=$(sqlite_safe SQLITE_SAFE_JAVA_OPTS="$options" "$safe" read "$database" 'SELECT a FROM t' --format list 2>"$scratch/stderr")
    check "unusable archive ($options)" '1
2' "$stdout"
    check "unusable archive ($options): stderr" '' "$(cat "$scratch/stderr")"
done
stdout=$(sqlite_safe SQLITE_SAFE_JAVA_OPTS=-Xmx1k "$safe" read "$database" 'SELECT 1' 2>/dev/null)
check 'the JVM cannot start: stdout' '' "$stdout"
[ ! -e "$image/lib/cache/runtime.jsa" ] ||
    check 'the archive is used' 1 "$(sqlite_safe SQLITE_SAFE_JAVA_OPTS=-Xshare:on "$safe" read "$database" 'SELECT 1' --format list)"

# "Copy that folder wherever you like": an archive that the JVM finds out of date would be left alone in
# silence, and each start take five times as long.
if [ -e "$image/lib/cache/runtime.jsa" ]; then
    cp -r "$image" "$scratch/copied"
    find "$scratch/copied" -exec touch -d '2001-02-03' {} +
    check 'the archive of a copy with other times is used' 1 \
        "$(sqlite_safe SQLITE_SAFE_JAVA_OPTS=-Xshare:on "$scratch/copied/bin/sqlite-safe" read "$database" 'SELECT 1' --format list)"
    rm -rf "$scratch/copied"
fi

# A statement without end: a thread dump goes to stderr, SIGTERM ends it. In the foreground, as a
# shell starts background commands with SIGQUIT ignored.
{
    sleep 2
    kill -QUIT "$(cat "$scratch/pid")"
    sleep 1
    kill -TERM "$(cat "$scratch/pid")"
    sleep 20
    kill -KILL "$(cat "$scratch/pid")"
} &
killer=$!
# shellcheck disable=SC2016
sqlite_safe sh -c 'echo $$ >"$0"; exec "$@"' "$scratch/pid" "$safe" read "$database" \
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n' \
    >"$scratch/stdout" 2>"$scratch/stderr"
check 'SIGTERM: exit status' 143 $?
kill $killer 2>/dev/null
wait $killer 2>/dev/null
check 'SIGQUIT: stdout' '' "$(cat "$scratch/stdout")"
check_has 'SIGQUIT: stderr' 'Full thread dump' "$(cat "$scratch/stderr")"

[ $failures -eq 0 ] || exit 1
echo 'launcher: all checks passed'
