"""Writers of a research repository on SQLite, 1 to 20 at once; prints a Markdown table.

    repository_writers.py [--seconds 20] [--writers 1,4,8,16,20] [--rows 1000] [--directory DIR]

The database has the shape of scenarios/repository, in WAL mode. One writer in four runs a bulk job, which edits records
in transactions of 500; the others deposit: a record, its parent and its bucket. Ours are processes of
`batch`, each request sent once the one before it is answered; theirs are Python's sqlite3 with a timeout of 30 s and
BEGIN IMMEDIATE, as a web application's workers are. A wait is the time of one transaction, from its request to its
answer; a failure is one that was not committed.
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
SCENARIO = os.path.join(HERE, "../scenarios/repository")
BULK = 500

DEPOSIT = """
INSERT INTO rdm_parents_metadata VALUES(datetime('now'), datetime('now'), randomblob(16), json_object('access', '{}'), 1);
INSERT INTO files_bucket VALUES(datetime('now'), datetime('now'), randomblob(16), 1, 'L', 1000, NULL, NULL, 0, 0);
INSERT INTO records_metadata VALUES(datetime('now'), datetime('now'), randomblob(16),
  json_object('metadata', json_object('title', 'A deposit', 'description', printf('%.*c', 600, 'x'))), 1);
"""
EDIT = f"""
UPDATE rdm_records_metadata SET json = json_set(json, '$.access.status', 'open'), version_id = version_id + 1
  WHERE rowid IN (SELECT rowid FROM rdm_records_metadata ORDER BY version_id, rowid LIMIT {BULK});
"""


def ours(database, sql, until):
    child = subprocess.Popen([LAUNCHER, "batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    request = json.dumps({"write": [database, sql], "wait": "30s"}) + "\n"
    ready = json.dumps({"read": [database, "SELECT 1"]}) + "\n"

    def ask(line):
        child.stdin.write(line)
        child.stdin.flush()
        return json.loads(child.stdout.readline())["exitCode"] == 0

    ask(ready)  # a worker is there before its work is
    yield
    while time.monotonic() < until.value:
        begun = time.monotonic()
        yield time.monotonic() - begun if ask(request) else None
    child.stdin.close()
    child.wait()


def theirs(database, sql, until):
    connection = sqlite3.connect(database, timeout=30, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    yield
    while time.monotonic() < until.value:
        begun = time.monotonic()
        try:
            connection.executescript("BEGIN IMMEDIATE;" + sql + "COMMIT;")
            yield time.monotonic() - begun
        except sqlite3.OperationalError:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            yield None
    connection.close()


def work(means, number, database, until, ready, go, results):
    bulk = number % 4 == 3
    steps = means(database, EDIT if bulk else DEPOSIT, until)
    next(steps)
    ready.release()
    go.wait()
    results.put((bulk, list(steps)))


def contend(means, writers, template, scratch, seconds):
    database = os.path.join(scratch, "repository.db")
    for leftover in ("", "-wal", "-shm"):
        if os.path.exists(database + leftover):
            os.unlink(database + leftover)
    shutil.copyfile(template, database)
    until = multiprocessing.Value("d", 0.0)
    ready, go, results = multiprocessing.Semaphore(0), multiprocessing.Event(), multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(means, n, database, until, ready, go, results))
               for n in range(writers)]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    begun = time.monotonic()
    until.value = begun + seconds
    go.set()
    took = [results.get() for _ in workers]
    elapsed = time.monotonic() - begun
    for worker in workers:
        worker.join()
    return took, elapsed


def percentile(times, share):
    return "–" if not times else f"{1000 * sorted(times)[min(len(times) - 1, int(share * len(times)))]:.0f}"


def row(label, writers, took, elapsed):
    deposits = [t for bulk, times in took if not bulk for t in times]
    jobs = [t for bulk, times in took if bulk for t in times]
    done, edited = [t for t in deposits if t is not None], [t for t in jobs if t is not None]
    failed = deposits.count(None) + jobs.count(None)
    print(f"| {label} | {writers} | {len(done) / elapsed:.1f} | {len(edited) * BULK / elapsed:.0f} "
          f"| {percentile(done, 0.5)} | {percentile(done, 0.99)} | {percentile(edited, 0.5)} | {failed} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--writers", default="1,4,8,16,20")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--directory", default=os.environ.get("TMPDIR", "/tmp"))
    options = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="repository.", dir=options.directory)
    try:
        template = os.path.join(scratch, "template.db")
        for words in (["write", "--create", template, "-f", SCENARIO + "/schema.sql"],
                      ["write", template, "-f", SCENARIO + "/fill.sql", "--param", f"rows:int={options.rows}"],
                      ["journal-mode", template, "wal"]):
            subprocess.run([LAUNCHER, *words], check=True, stdout=subprocess.DEVNULL)
        print("| means | writers | deposits/s | records edited/s | deposit p50 ms | p99 ms | bulk of 500 p50 ms | failed |")
        print("|---|---|---|---|---|---|---|---|")
        for writers in map(int, options.writers.split(",")):
            for label, means in (("batch", ours), ("Python sqlite3, timeout 30 s", theirs)):
                row(label, writers, *contend(means, writers, template, scratch, options.seconds))
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
