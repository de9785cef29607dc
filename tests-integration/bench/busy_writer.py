"""busy_writer.py DATABASE: commits every 50 ms until its input ends, then prints commits and longest wait in ms."""

import random
import select
import sqlite3
import sys
import time

connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=600)
top = connection.execute("SELECT max(id) FROM t").fetchone()[0]
commits, longest = 0, 0.0
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.05)[0]:
    begun = time.monotonic()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE t SET k = k + 1 WHERE id = ?", (random.randint(1, top),))
    connection.execute("COMMIT")
    commits, longest = commits + 1, max(longest, time.monotonic() - begun)
print(commits, round(longest * 1000), flush=True)
