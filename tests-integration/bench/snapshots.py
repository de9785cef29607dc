"""See snapshots.sh."""

import argparse
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.environ.get(
    "SQLITE_SAFE", os.path.join(HERE, "../../packaging/target/sqlite-safe/bin/sqlite-safe"))
PARTS = ("quiet", "checks", "many", "busy", "reflink")
GIVE_UP = 90  # seconds, for commands that may never end beside a writer


class Measured:
    """Times, memory and what else was seen of one command over all its runs."""

    def __init__(self):
        self.seconds, self.rss, self.stalls, self.failures = [], [], [], 0

    def median(self):
        return statistics.median(self.seconds) if self.seconds else None


def run(command, limit=3600):
    """Seconds, peak memory in MB, and whether it succeeded."""
    begun = time.monotonic()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, shell=isinstance(command, str))
    deadline = begun + limit
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            child.kill()
            os.wait4(child.pid, 0)
            return None, 0, f"not done after {limit} s"
        time.sleep(0.002)
    took = time.monotonic() - begun
    message = child.stderr.read().decode(errors="replace").strip()
    child.stderr.close()
    ok = os.waitstatus_to_exitcode(status) == 0
    return took, usage.ru_maxrss / 1024, None if ok else (message or "failed")


def take_turns(commands, runs, before=lambda: None, around=None, limit=3600):
    """Runs each command in turn, so that a slow minute of the machine hits all alike."""
    results = {name: Measured() for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            before()
            subprocess.run(["sync"], check=True)
            stop = around() if around else None
            took, rss, problem = run(command, limit)
            longest = stop() if stop else None
            if turn == 0 and runs > 1:
                continue  # warms up caches
            measured = results[name]
            measured.failures += problem is not None
            if problem is None:
                measured.seconds.append(took)
            measured.rss.append(rss)
            if longest is not None:
                measured.stalls.append(longest)
            if problem:
                print(f"{name}: {problem}", file=sys.stderr)
    return results


def table(title, results, base, note=""):
    """A Markdown table; ratios are to the command named base."""
    busy = any(m.stalls for m in results.values())
    print(f"\n### {title}\n")
    print("| command | median s | × " + base + " | RSS MB |" + (" longest wait of a writer ms | failed |" if busy else ""))
    print("|---|---|---|---|" + ("---|---|" if busy else ""))
    unit = results[base].median() if base in results else None
    for name, m in results.items():
        median = m.median()
        seconds = "–" if median is None else f"{median:.2f}"
        ratio = "–" if median is None or not unit else f"{median / unit:.2f}"
        line = f"| {name} | {seconds} | {ratio} | {max(m.rss):.0f} |"
        if busy:
            line += f" {statistics.median(m.stalls):.0f} | {m.failures} of {m.failures + len(m.seconds)} |"
        print(line)
    if note:
        print(f"\n{note}")
    sys.stdout.flush()


def make(path, rows):
    """Rows of about 1000 bytes with two indexes. By the shell: Python would take minutes, or grow too big itself."""
    subprocess.run(["sqlite3", path], check=True, text=True, stdout=subprocess.DEVNULL, input=f"""
        PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;
        CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT NOT NULL, k INTEGER NOT NULL, body BLOB);
        BEGIN;
        INSERT INTO t WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < {rows})
            SELECT i, hex(randomblob(12)), random(), randomblob(850) FROM c;
        CREATE INDEX t_name ON t(name);
        CREATE INDEX t_k ON t(k);
        COMMIT;""")


class Bench:
    def __init__(self, scratch, rows, runs):
        self.scratch, self.rows, self.runs = scratch, rows, runs
        self.db = os.path.join(scratch, "source.db")
        self.copy = os.path.join(scratch, "copy.db")
        make(self.db, rows)
        size = os.path.getsize(self.db) / 1e6
        version = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True).stdout.split()[0]
        print(f"{rows} rows, {size:.0f} MB, {runs} runs, {os.cpu_count()} processors, sqlite3 {version}; "
              f"{self.process_start():.2f} s of every time of ours are the start of the process")

    def process_start(self):
        return statistics.median(run([LAUNCHER, "capabilities"])[0] for _ in range(5))

    def clean(self):
        for leftover in glob.glob(self.copy + "*"):
            os.unlink(leftover)

    def ours(self, *options):
        return [LAUNCHER, "backup", self.db, self.copy, *options]

    def copies(self):
        return {
            "cp, sync": ["sh", "-c", 'cp "$1" "$2" && sync "$2" "$(dirname "$2")"', "sh", self.db, self.copy],
            "sqlite3 .backup": ["sqlite3", self.db, f".backup '{self.copy}'"],
            "sqlite3 VACUUM INTO": ["sqlite3", self.db, f"VACUUM INTO '{self.copy}'"],
            "backup --verify none": self.ours("--verify", "none"),
            "backup --verify none --no-manifest": self.ours("--verify", "none", "--no-manifest"),
            "backup": self.ours(),
            "backup --method online": self.ours("--method", "online"),
            "backup --method vacuum": self.ours("--method", "vacuum"),
        }

    def quiet(self):
        commands = self.copies()
        commands["sqlite3 PRAGMA quick_check"] = ["sqlite3", self.db, "PRAGMA quick_check"]
        commands["backup --compress zstd"] = self.ours("--compress", "zstd")
        results = take_turns(commands, self.runs, self.clean)
        none, default = results["backup --verify none"].median(), results["backup"].median()
        quick = results["sqlite3 PRAGMA quick_check"].median()
        table("Nobody writes", results, "cp, sync",
              f"Default verification adds {default - none:.2f} s; `PRAGMA quick_check` takes {quick:.2f} s.")

    def checks(self):
        for level, pragma in (("quick", "quick_check"), ("full", "integrity_check")):
            name = f"sqlite3 PRAGMA {pragma}"
            table(f"Checking one file, {level}", take_turns({
                name: ["sqlite3", self.db, f"PRAGMA {pragma}"],
                f"integrity-check --level {level}":
                    [LAUNCHER, "integrity-check", "--level", level, self.db],
            }, self.runs), name)

    def many(self):
        files = [os.path.join(self.scratch, f"many{i}.db") for i in range(4)]
        for file in files:
            shutil.copyfile(self.db, file)
        loop = 'for f; do sqlite3 "$f" "PRAGMA integrity_check"; done'
        check = [LAUNCHER, "integrity-check"]
        table("Checking four files", take_turns({
            "sqlite3, one after the other": ["sh", "-c", loop, "sh", *files],
            "integrity-check --jobs 1": [*check, "--jobs", "1", *files],
            "integrity-check": [*check, *files],
        }, self.runs), "sqlite3, one after the other")
        for file in files:
            os.unlink(file)

    def writer(self):
        child = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "busy_writer.py"), self.db],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        child.stdout.readline()
        time.sleep(0.3)

        def stop():
            child.stdin.close()
            longest = int(child.stdout.readline().split()[1])
            child.wait()
            child.stdout.close()
            return longest
        return stop

    def busy(self):
        commands = self.copies()
        del commands["cp, sync"]
        commands["cp (inconsistent)"] = ["cp", self.db, self.copy]  # the aim for a stall is 1.2 times this
        title = "A writer commits every 50 ms"
        for mode in ("DELETE", "WAL"):
            subprocess.run(["sqlite3", self.db, f"PRAGMA journal_mode={mode}"],
                           check=True, stdout=subprocess.DEVNULL)
            results = take_turns(commands, self.runs, self.clean, self.writer, GIVE_UP)
            table(f"{title}, journal mode {mode}", results, "backup --verify none",
                  "The wait is the longest that the writer itself measured for one transaction.")
        subprocess.run(["sqlite3", self.db, "PRAGMA journal_mode=DELETE"],
                       check=True, stdout=subprocess.DEVNULL)

    def reflink(self):
        for kind in ("xfs", "btrfs"):
            if os.geteuid() != 0 or shutil.which("mkfs." + kind) is None:
                print(f"\nNo reflinks on {kind}: needs root and mkfs.{kind}.")
                continue
            image, mount = os.path.join(self.scratch, kind + ".img"), os.path.join(self.scratch, kind)
            size = max(600 << 20, os.path.getsize(self.db) * 3)
            os.makedirs(mount)
            with open(image, "wb") as file:
                file.truncate(size)
            subprocess.run(["mkfs." + kind, "-q", image], check=True, stdout=subprocess.DEVNULL)
            if subprocess.run(["mount", "-o", "loop", image, mount], stderr=subprocess.DEVNULL).returncode:
                print(f"\nNo reflinks on {kind}: it cannot be mounted here.")
                continue
            try:
                self.on_reflinks(kind, mount)
            finally:
                subprocess.run(["umount", mount], check=True)
                os.unlink(image)

    def on_reflinks(self, kind, mount):
        source, copy = os.path.join(mount, "source.db"), os.path.join(mount, "copy.db")
        shutil.copyfile(self.db, source)
        backup = [LAUNCHER, "backup", source, copy, "--verify", "none"]

        def clean():
            for leftover in glob.glob(copy + "*"):
                os.unlink(leftover)
        table(f"On {kind}, which shares blocks", take_turns({
            "cp --reflink=never, sync":
                ["sh", "-c", 'cp --reflink=never "$1" "$2" && sync "$2"', "sh", source, copy],
            "backup --verify none": backup,
            "backup --verify none --no-manifest": [*backup, "--no-manifest"],
        }, self.runs, clean), "cp --reflink=never, sync")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--directory", default=os.environ.get("TMPDIR", "/tmp"))
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="snapshots.", dir=options.directory)
    try:
        bench = Bench(scratch, options.rows, options.runs)
        for part in options.only.split(","):
            if part not in PARTS:
                parser.error(f"no part {part}")
            getattr(bench, part)()
    finally:
        shutil.rmtree(scratch)


main()
