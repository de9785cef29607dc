"""See all.sh."""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.environ.get(
    "SQLITE_SAFE", os.path.normpath(os.path.join(HERE, "../../packaging/target/sqlite-safe/bin/sqlite-safe")))
# Drawn afterwards by plots.py, from what stands here.
PLOTS = {"startup": "startup.svg", "writers": "writers.svg", "sizes": "sizes.svg"}
PEERS = ("sqlite3", "python3", "sqldiff", "lockfile-create", "strace")


def parts(full, directory):
    """Title, command, and whether it prints Markdown itself."""
    rows, runs = (1_000_000, 5) if full else (100_000, 3)
    return {
        "startup": ("Start-up: one small write as a whole process",
                    ["../../packaging/measure-startup.sh", "31" if full else "11"], True),
        "overhead": ("What the lock costs a write", ["overhead.sh", "300", directory], False),
        "handover": ("The lock from one process to the next", ["handover.sh", "100", directory], False),
        "network": ("What a write asks of an NFS server", ["network.sh"], True),
        "contention": ("Eight writers on one counter", ["contention.sh", "200", directory], False),
        "closed": ("Clients that wait for each answer",
                   ["closed_loop.py", "--seconds", "20" if full else "10", directory, "/dev/shm"], True),
        "writers": ("Writers of a research repository, one in four in bulk",
                    ["repository_writers.py", "--seconds", "25" if full else "10", "--directory", directory], True),
        "snapshots": ("Copies and checks",
                      ["snapshots.sh", "--rows", str(rows), "--runs", str(runs), "--directory", directory,
                       "--only", "quiet,checks,many,reflink"], True),
        "busy": ("Copies beside a writer",
                 ["snapshots.sh", "--rows", str(rows), "--runs", "1", "--directory", directory, "--only", "busy"], True),
        "sizes": ("Backups by size",
                  ["backup_sizes.py", "--sizes", "1,3,10,30,100,300" + (",1000" if full else ""), "--directory", directory], True),
        "changesets": ("Export and capture",
                       ["changesets.sh", "8000000" if full else "800000", "100000", directory], False),
        "apply": ("changeset apply beside sqlite3changeset_apply", ["changeset-apply.sh"], False),
        "output": ("Rows as text", ["output.sh", "2000000" if full else "200000", str(runs), directory], False),
    }


def said(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout or done.stderr).strip()


def cpu():
    found = re.search(r"model name\s*: (.*)", said("cat", "/proc/cpuinfo"))
    return found.group(1) if found else platform.machine()


def facts(directory):
    memory = re.search(r"MemTotal:\s*(\d+)", said("cat", "/proc/meminfo"))
    system = re.search(r'PRETTY_NAME="(.*)"', said("cat", "/etc/os-release"))
    yield "processor", f"{cpu()}, {os.cpu_count()} of them to this machine"
    yield "memory", f"{int(memory.group(1)) / 1e6:.1f} GB" if memory else "unknown"
    yield "system", f"{system.group(1) if system else platform.system()}, kernel {platform.release()}"
    yield "file system", said("stat", "-f", "-c", "%T", directory)
    yield "load before the first part", said("cut", "-d", " ", "-f1-3", "/proc/loadavg")
    yield "sqlite-safe", ", ".join(said(LAUNCHER, "--version").splitlines())
    yield "sqlite3", said("sqlite3", "--version").split(" ")[0]
    yield "python3", f"{platform.python_version()}, SQLite {said('python3', '-c', 'import sqlite3; print(sqlite3.sqlite_version)')}"
    missing = [peer for peer in PEERS if shutil.which(peer) is None]
    if missing:
        yield "not installed", ", ".join(missing)


def number(pattern, text):
    found = re.search(pattern, text, re.M)
    return float(found.group(1)) if found else None


def headline(outputs):
    """One line for each part whose figures are there; the ratios compare lines of one run."""
    startup, contention = outputs.get("startup", ""), outputs.get("contention", "")
    ours = number(r"bundled runtime.*?\|.*?\|.*?\|\s*([\d.]+)", startup)
    if ours:
        yield "one `write` as a process", "python3's sqlite3 module", f"{ours:.1f} × the time"
    batch = number(r"^sqlite-safe batch.*?\s(\d+)\s+\d+\s+[\d.]+$", contention)
    shell = number(r"^sqlite3, .timeout.*?\s(\d+)\s+\d+\s+[\d.]+$", contention)
    if batch and shell:
        yield "8 processes of `batch`, locked writes", "`sqlite3` with `.timeout`, a process each", f"{batch / shell:.2f} × the writes/s"
    for command, base, text in (
            ("backup --verify none", "`cp` and `sync`", outputs.get("snapshots", "")),
            ("integrity-check --level full", "`PRAGMA integrity_check`", outputs.get("snapshots", ""))):
        ratio = number(rf"^\| {re.escape(command)} \|[^|]*\| ([\d.]+) \|", text)
        if ratio:
            yield f"`{command}`", base, f"{ratio:.2f} × the time"
    export = number(r"^changeset export\s+[\d.]+\s+[\d.]+\s+([\d.]+)", outputs.get("changesets", ""))
    if export and "sqldiff" in outputs["changesets"]:
        yield "`changeset export`", "`sqldiff --changeset`", f"{export:.2f} × the time"
    csv = number(r"^\.mode csv.*\s([\d.]+)$", outputs.get("output", ""))
    if csv:
        yield "`shell`, rows as CSV", "`sqlite3`", f"{csv:.2f} × the time"


def run(command):
    """What it printed, and what went wrong."""
    program = os.path.normpath(os.path.join(HERE, command[0]))
    words = [sys.executable, program] if program.endswith(".py") else [program]
    try:
        done = subprocess.run([*words, *command[1:]], capture_output=True, text=True, check=False)
    except OSError as problem:
        return "", str(problem)
    problem = "" if done.returncode == 0 else f"ended with status {done.returncode}: {done.stderr.strip()[-500:]}"
    return done.stdout.strip(), problem


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--directory", default=os.environ.get("TMPDIR", "/tmp"))
    options = parser.parse_args()
    chosen = parts(options.full, options.directory)
    names = options.only.split(",") if options.only else list(chosen)
    unknown = [name for name in names if name not in chosen]
    if unknown:
        parser.error("no part " + ", ".join(unknown))
    machine = list(facts(options.directory))
    outputs, sections = {}, []
    for name in names:
        title, command, markdown = chosen[name]
        print(f"{name} …", file=sys.stderr, flush=True)
        begun = time.monotonic()
        text, problem = run(command)
        outputs[name] = text
        shown = " ".join(word if word != options.directory else "DIR" for word in command)
        plot = f"![{title}](plots/{PLOTS[name]})\n\n" if name in PLOTS else ""
        sections.append(f"## {title}\n\n`{shown}`, {time.monotonic() - begun:.0f} s\n\n" + plot
                        + (text if markdown else f"```\n{text}\n```")
                        + (f"\n\n**Not whole:** {problem}" if problem else ""))
    print("# Report of the benchmarks\n\nMade by `all.sh"
          + (" --full" if options.full else "") + (f" --only {options.only}" if options.only else "")
          + f"` on {time.strftime('%Y-%m-%d')}.\n\n| | |\n|---|---|")
    for name, value in machine:
        print(f"| {name} | {value} |")
    print("\n| ours | beside | |\n|---|---|---|")
    for line in headline(outputs):
        print("| " + " | ".join(line) + " |")
    print("\n" + "\n\n".join(sections))


if __name__ == "__main__":
    main()
