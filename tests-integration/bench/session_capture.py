#!/usr/bin/env python3
"""Processor time of SQLite's session extension for one UPDATE of all rows. Run by changesets.sh: FILE ROWS."""
import ctypes
import os
import sys
import time
from ctypes import byref, c_char_p, c_int, c_void_p

name = os.environ.get("SQLITE_SAFE_ORACLE_LIBRARY", "libsqlite3.so.0")
try:
    sqlite = ctypes.CDLL(name)
    sqlite.sqlite3session_create
except (OSError, AttributeError):
    print(f"no session extension in {name}: nothing to compare with")
    sys.exit(0)
sqlite.sqlite3_errmsg.restype = c_char_p
sqlite.sqlite3_libversion.restype = c_char_p


def run(db, sql):
    if sqlite.sqlite3_exec(db, sql.encode(), None, None, None) != 0:
        raise RuntimeError(sqlite.sqlite3_errmsg(db).decode())


def once(path, key, rows, captured):
    if os.path.exists(path):
        os.remove(path)
    db, session = c_void_p(), c_void_p()
    sqlite.sqlite3_open(path.encode(), byref(db))
    value = "x" if key == "INTEGER" else "'key ' || x"
    run(db, f"CREATE TABLE t(k {key} PRIMARY KEY, a INT, b TEXT)")
    run(db, "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < %d) "
            "INSERT INTO t SELECT %s, x, 'text ' || x FROM c" % (rows, value))
    start = time.process_time()
    if captured:
        sqlite.sqlite3session_create(db, b"main", byref(session))
        sqlite.sqlite3session_attach(session, None)
    run(db, "UPDATE t SET a = a + 1")
    if captured:
        size, data = c_int(), c_void_p()
        sqlite.sqlite3session_changeset(session, byref(size), byref(data))
        sqlite.sqlite3_free(data)
        sqlite.sqlite3session_delete(session)
    spent = time.process_time() - start
    sqlite.sqlite3_close(db)
    return spent * 1000


path, rows = sys.argv[1], int(sys.argv[2])
print("%-34s %9s %9s" % ("UPDATE of %d rows, cpu ms" % rows, "int key", "text key"))
for captured in (False, True):
    medians = [sorted(once(path, key, rows, captured) for _ in range(5))[2] for key in ("INTEGER", "TEXT")]
    label = "session extension " + sqlite.sqlite3_libversion().decode() if captured else "no capture (C)"
    print("%-34s %9.0f %9.0f" % (label, *medians))
os.remove(path)
