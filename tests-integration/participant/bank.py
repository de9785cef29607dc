#!/usr/bin/env python3
"""Moves money between accounts with plain SQLite, as a program does that knows nothing of the lock.

bank.py DB PAUSE SQL...: one transaction after the other of these statements; prints a line for every commit; ends when its
standard input does.
"""
import select
import sqlite3
import sys


def move(db, statements):
    db.execute("BEGIN IMMEDIATE")
    for sql in statements:
        db.execute(sql)


def main():
    path, pause, statements = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    db = sqlite3.connect(path, timeout=600, isolation_level=None)
    # Fewer pages than a transaction changes: they go into the file, or the log, before the commit.
    db.execute("PRAGMA cache_size=5")
    db.execute("PRAGMA wal_autocheckpoint=20")
    number = 0
    while not select.select([sys.stdin], [], [], pause)[0]:
        number += 1
        try:
            move(db, statements)
            if number % 3 == 0:
                db.execute("ROLLBACK")
                continue
            db.execute("COMMIT")
            print("moved", number, flush=True)
        except sqlite3.OperationalError as trouble:
            if "locked" not in str(trouble):
                raise
            if db.in_transaction:
                db.execute("ROLLBACK")


main()
