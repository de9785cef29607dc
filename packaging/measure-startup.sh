#!/bin/sh
# measure-startup.sh [RUNS [IMAGE [EXECUTABLE]]]: how long one small write takes as a whole process, ours beside
# python and the sqlite3 shell: open a database, insert a row in BEGIN IMMEDIATE, commit, print one
# line of JSON. The cases take turns, so that noise hits all of them; the database is on tmpfs, so
# that it is not the disk that is measured. python3 is both a contestant and the stop-watch. Processor time is user and
# system time of the process and its children. EXECUTABLE is a native one (build.sh native).
set -eu

runs=${1:-31}
image=${2:-$(dirname "$0")/target/sqlite-safe}
image=$(cd "$image" && pwd)
executable=${3:-$(dirname "$0")/target/native/sqlite-safe}
scratch=$(mktemp -d /dev/shm/measure-startup.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# The interpreter itself: on some machines python3 is a script that looks for it.
python=$(python3 -c 'import sys; print(sys.executable)')

find_jdk() {
    for jdk in "${JAVA_HOME-}" /usr/lib/jvm/*; do
        if [ -x "$jdk/bin/java" ] && grep -q "^JAVA_VERSION=\"$1[.\"]" "$jdk/release" 2>/dev/null; then
            printf '%s\n' "$jdk"
            return
        fi
    done
}

"$python" - "$runs" "$image" "$scratch" "$python" "$(find_jdk 17)" "$(find_jdk 25)" "$executable" <<'E2'
import os, shutil, statistics, subprocess, sys, time

runs, image, scratch, python, jdk17, jdk25, executable = sys.argv[1:]
INSERT = "INSERT INTO t(v) VALUES('a')"
PYTHON = f"""
import sqlite3, json, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("BEGIN IMMEDIATE")
n = c.execute("{INSERT}").rowcount
c.execute("COMMIT")
print(json.dumps({{"type": "write", "database": sys.argv[1], "changes": n}}))
"""
SHELL = f"BEGIN IMMEDIATE; {INSERT}; SELECT changes() AS changes; COMMIT"

cases = [("python3 -c 'import sqlite3, json …'", [python, "-c", PYTHON, "DB"], {})]
if shutil.which("sqlite3"):
    cases.append(("sqlite3 shell", ["sqlite3", "-json", "DB", SHELL], {}))
ours = [image + "/bin/sqlite-safe", "write", "DB", INSERT, "--json"]
if os.path.exists(executable):
    cases.append(("ours, native", [executable, *ours[1:]], {}))
if os.path.isdir(image + "/runtime"):
    cases.append(("ours, bundled runtime 25 + archive", ours, {}))


def on(jdk, name):
    java = {"SQLITE_SAFE_JAVA": jdk + "/bin/java"}
    with open(jdk + "/release") as release:
        version = dict(line.rstrip().split("=", 1) for line in release)["JAVA_RUNTIME_VERSION"].strip('"')
    if os.path.exists(f"{image}/lib/cache/java-{version}.jsa"):
        cases.append((f"ours, {name} + archive", ours, java))
    # The JDK's own archive in place of ours: the same as if there were none of ours.
    default = {"SQLITE_SAFE_JAVA_OPTS": f"-XX:SharedArchiveFile={jdk}/lib/server/classes.jsa"}
    cases.append((f"ours, {name} plain", ours, java | default))


if jdk17:
    on(jdk17, "JDK 17")
if jdk25:
    on(jdk25, "JDK 25")

clean = {k: v for k, v in os.environ.items() if not k.startswith("SQLITE_SAFE_") and "JAVA_" not in k}
jobs = []
for number, (name, argv, extra) in enumerate(cases):
    database = f"{scratch}/{number}.db"
    subprocess.run([python, "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE t(v)')", database], check=True)
    jobs.append((name, [database if a == "DB" else a for a in argv], clean | extra, [], [], []))

out = os.open(scratch + "/out", os.O_WRONLY | os.O_CREAT)
for turn in range(int(runs) + 2):  # two to warm up
    for name, argv, env, times, work, sizes in jobs:
        start = time.perf_counter()
        pid = os.posix_spawnp(argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
        _, status, usage = os.wait4(pid, 0)
        elapsed = time.perf_counter() - start
        if status:
            sys.exit(f"measure-startup: exit status {os.waitstatus_to_exitcode(status)}: {name}: {argv}")
        if turn >= 2:
            times.append(elapsed * 1000)
            work.append((usage.ru_utime + usage.ru_stime) * 1000)
            sizes.append(usage.ru_maxrss / 1024)

base, base_work = statistics.median(jobs[0][3]), statistics.median(jobs[0][4])
print(f"| {'case':36} | median ms | fastest ms | × python | processor ms | × python | RSS MB |")
print(f"|{'-' * 38}|-----------|------------|----------|--------------|----------|--------|")
for name, _, _, times, work, sizes in jobs:
    median, spent = statistics.median(times), statistics.median(work)
    print(
        f"| {name:36} | {median:9.1f} | {min(times):10.1f} | {median / base:8.2f} | {spent:12.1f} | {spent / base_work:8.2f} | {statistics.median(sizes):6.0f} |"
    )
print(f"({runs} runs each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f})")
E2
