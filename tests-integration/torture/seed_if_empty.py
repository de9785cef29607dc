#!/usr/bin/env python3
"""Two replicas on one shared volume, both of which seed what is not there yet: every round must be seeded exactly once.

    seed_if_empty.py [--mount KIND] [--rounds N] [--mode MODE] [--minutes M]

In each round both sides start at once:  sqlite-safe write --when 'nothing of this round is there' 'INSERT ...'
One must say that it has done it (exit status 0), the other that it need not (13). What the program refuses on such a mount
of its own accord, it does here, by --assume-network.
"""
import argparse
import collections
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
from cell import LAUNCHER  # noqa: E402
from history import read_database  # noqa: E402
from mounts import Mount, Skipped  # noqa: E402


def seed(mount, side, database, number, mode, results):
    access = ["--assume-network"] + ([] if mode == "trusted" else ["--access", mode])
    words = [LAUNCHER, "write", "--wait", "120s", *access, database, "--when",
             f"SELECT NOT EXISTS(SELECT 1 FROM ledger WHERE seq = {number})",
             f"INSERT INTO ledger VALUES({number}, '{number}{side}', NULL)"]
    done = subprocess.run(mount.command(side, words), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    results[side] = done.returncode, done.stderr.strip()[-200:]


def play(mount, mode, rounds, end):
    """(rounds played, exit statuses, complaints)"""
    with tempfile.TemporaryDirectory() as scratch:
        name = f"seed{os.getpid()}.db"
        path = os.path.join(scratch, name)
        connection = sqlite3.connect(path)
        connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES(0); CREATE TABLE ledger(seq, id, filler)")
        connection.close()
        mount.seed(path)
        if mode != "trusted":
            subprocess.run(mount.command("a", [LAUNCHER, "access", "--assume-network", mount.path("a", name), mode]), check=True)
        statuses, complaints, number = collections.Counter(), [], 0
        while number < rounds and time.monotonic() < end:
            number += 1
            results = {}
            threads = [threading.Thread(target=seed, args=(mount, side, mount.path(side, name), number, mode, results))
                       for side in "ab"]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            pair = sorted(status for status, _ in results.values())
            statuses[tuple(pair)] += 1
            if pair != [0, 13]:
                complaints.append(f"round {number}: {results}")
        mount.fetch(name, path)
        problems, rows, _ = read_database(path)
        times = collections.Counter(seq for seq, _ in rows)
        complaints += problems
        complaints += [f"round {n} was seeded {times[n]} times" for n in range(1, number + 1) if times[n] != 1]
        return number, statuses, complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mount", default="gluster")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--mode", default="trusted")
    parser.add_argument("--minutes", type=float, default=600)
    args = parser.parse_args()
    try:
        mount = Mount(args.mount)
    except Skipped as reason:
        print(reason)
        return 77
    started = time.monotonic()
    try:
        rounds, statuses, complaints = play(mount, args.mode, args.rounds, started + args.minutes * 60)
    finally:
        mount.down()
    print(f"{args.mount}, {args.mode}: {rounds} rounds in {time.monotonic() - started:.0f} s, exit statuses "
          + ", ".join(f"{pair}: {count}" for pair, count in statuses.items()) + f"; {len(complaints)} complaints")
    for complaint in complaints[:10]:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
