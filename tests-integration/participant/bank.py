#!/usr/bin/env python3
"""Moves money between accounts with plain SQLite, as a program does that knows nothing of the lock.

bank.py DB PAUSE: prints a line for every commit; ends when its standard input does.
"""
import random
import select
import sqlite3
import sys


def move(db, number):
    source, target = random.sample(range(1, 201), 2)
    amount = random.randint(1, 9)
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE account SET balance = balance - ? WHERE id = ?", (amount, source))
    # More pages than the cache holds: they go into the file, or the log, before the commit.
    db.execute("UPDATE account SET note = randomblob(3000) WHERE id % 7 = ?", (number % 7,))
    db.execute("UPDATE account SET balance = balance + ? WHERE id = ?", (amount, target))
    db.execute("UPDATE moves SET n = n + 1")
    db.execute("INSERT INTO log SELECT n, randomblob(20) FROM moves")


def main():
    path, pause = sys.argv[1], float(sys.argv[2])
    db = sqlite3.connect(path, timeout=120, isolation_level=None)
    db.execute("PRAGMA cache_size=10")
    db.execute("PRAGMA wal_autocheckpoint=20")
    number = 0
    while not select.select([sys.stdin], [], [], pause)[0]:
        number += 1
        try:
            move(db, number)
            if number % 3 == 0:
                db.execute("ROLLBACK")
                continue
            db.execute("COMMIT")
            print("move", number, flush=True)
        except sqlite3.OperationalError as trouble:
            if "locked" not in str(trouble):
                raise
            if db.in_transaction:
                db.execute("ROLLBACK")


main()
