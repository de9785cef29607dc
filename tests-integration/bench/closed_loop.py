#!/usr/bin/env python3
"""Clients that send a write once the one before it is answered, 1 and 8 at once; prints a Markdown table.

    closed_loop.py [--seconds 20] [--clients 1,8] [--warm 10] [DIRECTORY...]

Each client is a process with a `batch` of its own, and with a connection of Python's sqlite3 (synchronous=FULL, a
timeout of 30 s, BEGIN IMMEDIATE), which it uses in turn, a second each, so that both columns have the same machine. The
first --warm seconds do not count: a client of batch is a process that lives long. A wait is the time from a request to
its answer, a failure one that was not committed. In the end the counter must have what was acknowledged.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.environ.get(
    "SQLITE_SAFE", os.path.join(HERE, "../../packaging/target/sqlite-safe/bin/sqlite-safe"))
UPDATE = "UPDATE counter SET n = n + 1"
SLICE = 1.0
MEANS = ("batch", "Python")


def filesystem(path):
    return subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True, check=True).stdout.strip()


class Batch:
    def __init__(self, database):
        self.child = subprocess.Popen([LAUNCHER, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line = json.dumps({"write": [database, UPDATE], "wait": "30s"}) + "\n"

    def write(self):
        self.child.stdin.write(self.line)
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())["exitCode"] == 0

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Python:
    def __init__(self, database):
        self.connection = sqlite3.connect(database, timeout=30, isolation_level=None)
        self.connection.execute("PRAGMA synchronous=FULL")

    def write(self):
        try:
            for sql in ("BEGIN IMMEDIATE", UPDATE, "COMMIT"):
                self.connection.execute(sql)
            return True
        except sqlite3.OperationalError:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            return False

    def close(self):
        self.connection.close()


def work(databases, warm, seconds, gate, results):
    """Slices of one means and the other, at the same time in all clients."""
    clients = [Batch(databases[0]), Python(databases[1])]
    times, acknowledged = ([], []), [0, 0]
    for number in range(round((warm + seconds) / SLICE)):
        for means, client in enumerate(clients):
            gate.wait()
            end = time.monotonic() + SLICE
            while time.monotonic() < end:
                begun = time.monotonic()
                done = client.write()
                acknowledged[means] += done
                if number * SLICE >= warm:
                    times[means].append(time.monotonic() - begun if done else None)
    for client in clients:
        client.close()
    results.put((times, acknowledged))


def counter(path):
    connection = sqlite3.connect(path)
    number, = connection.execute("SELECT n FROM counter").fetchone()
    connection.close()
    return number


def measure(clients, directory, warm, seconds):
    scratch = tempfile.mkdtemp(prefix="closed-loop.", dir=directory)
    try:
        databases = [os.path.join(scratch, name + ".db") for name in MEANS]
        for each in databases:
            connection = sqlite3.connect(each)
            connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES(0)")
            connection.close()
        gate, results = multiprocessing.Barrier(clients), multiprocessing.Queue()
        workers = [multiprocessing.Process(target=work, args=(databases, warm, seconds, gate, results))
                   for _ in range(clients)]
        for worker in workers:
            worker.start()
        took = [results.get() for _ in workers]
        for worker in workers:
            worker.join()
        for means, database in enumerate(databases):
            assert counter(database) == sum(acknowledged[means] for _, acknowledged in took), MEANS[means]
        return [[t for times, _ in took for t in times[means]] for means in range(len(MEANS))]
    finally:
        shutil.rmtree(scratch)


def row(clients, directory, ours, theirs, seconds):
    done = [[t for t in times if t is not None] for times in (ours, theirs)]
    rates = [len(times) / seconds for times in done]
    cells = [filesystem(directory), clients, f"{rates[0]:.0f}", f"{rates[1]:.0f}", f"{rates[0] / max(1, rates[1]):.2f}"]
    for times in done:
        ordered = sorted(times) or [float("nan")]
        cells += [f"{1000 * ordered[int(0.99 * (len(ordered) - 1))]:.1f}", f"{1000 * ordered[-1]:.0f}"]
    cells += [ours.count(None), theirs.count(None)]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--warm", type=float, default=10)
    parser.add_argument("--clients", default="1,8")
    parser.add_argument("directories", nargs="*", default=[os.environ.get("TMPDIR", "/tmp"), "/dev/shm"])
    options = parser.parse_args()
    print("| file system | clients | batch/s | Python/s | ratio | batch p99 ms | longest | Python p99 ms | longest | failed |"
          " Python failed |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for directory in options.directories:
        for clients in map(int, options.clients.split(",")):
            ours, theirs = measure(clients, directory, options.warm, options.seconds)
            row(clients, directory, ours, theirs, options.seconds)


if __name__ == "__main__":
    main()
