"""locker.py WHAT DB: another program's way to lock a database: prints "in", holds it until a line comes, prints "done"; or prints the error.

dotfile    a transaction of SQLite's own vfs=unix-dotfile
flock      py-filelock's FileLock
soft       py-filelock's SoftFileLock
"""
import sqlite3
import sys


def main(what, db):
    if what == "dotfile":
        connection = sqlite3.connect("file:%s?vfs=unix-dotfile" % db, uri=True, isolation_level=None, timeout=0)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES('dotfile')")
        say("in")
        sys.stdin.readline()
        connection.execute("COMMIT")
        connection.close()
    else:
        import filelock
        kind = filelock.FileLock if what == "flock" else filelock.SoftFileLock
        with kind(db + ".lock", timeout=0):
            say("in")
            sys.stdin.readline()
    say("done")


def say(text):
    print(text, flush=True)


try:
    main(*sys.argv[1:])
except Exception as error:
    say("%s: %s" % (type(error).__name__, error))
