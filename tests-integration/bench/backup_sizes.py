#!/usr/bin/env python3
"""How the time of a backup grows with the database, beside cp, sync and sqlite3's .backup; prints a table.

backup_sizes.py [--sizes MB,MB,...] [--runs N] [--directory DIR]
The fastest of N runs that take turns: what the machine can do, whatever else it does meanwhile. Nobody writes.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.environ.get(
    "SQLITE_SAFE", os.path.normpath(os.path.join(HERE, "../../packaging/target/sqlite-safe/bin/sqlite-safe")))
COMMANDS = {
    "cp, sync": lambda source, target: ["sh", "-c", 'cp "$1" "$2" && sync "$2"', "sh", source, target],
    "sqlite3 .backup": lambda source, target: ["sqlite3", source, f".backup '{target}'"],
    "backup --verify none": lambda source, target: [LAUNCHER, "backup", "--quiet", "--verify", "none", source, target],
    "backup": lambda source, target: [LAUNCHER, "backup", "--quiet", source, target],
}


def make(path, megabytes):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)")
    connection.execute(
        "INSERT INTO t(data) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT randomblob(900) FROM n",
        (megabytes * 1000,))
    connection.commit()
    connection.close()
    return os.path.getsize(path) / 1e6


def seconds(command, source, target):
    for name in (target, target + ".json"):
        if os.path.exists(name):
            os.remove(name)
    began = time.monotonic()
    done = subprocess.run(command(source, target), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command(source, target)}: {done.stderr}")
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1,3,10,30,100,300")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--directory", default=os.environ.get("TMPDIR", "/tmp"))
    options = parser.parse_args()
    commands = {name: make_words for name, make_words in COMMANDS.items()
                if name.split(" ")[0] not in ("sqlite3",) or shutil.which("sqlite3")}
    print("| MB | " + " | ".join(f"{name} s" for name in commands) + " |")
    print("|---|" + "---|" * len(commands))
    with tempfile.TemporaryDirectory(dir=options.directory) as scratch:
        source, target = os.path.join(scratch, "app.db"), os.path.join(scratch, "copy.db")
        for size in options.sizes.split(","):
            megabytes = make(source, int(size))
            fastest = {name: min(run) for name, run in zip(
                commands, zip(*[[seconds(command, source, target) for command in commands.values()]
                                for _ in range(options.runs)]))}
            print(f"| {megabytes:.0f} | " + " | ".join(f"{fastest[name]:.2f}" for name in commands) + " |", flush=True)
            os.remove(source)


main()
