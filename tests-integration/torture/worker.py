#!/usr/bin/python3
"""A participant that does what the torture tells it, one JSON object a line, and can stop itself at a given point.

It is the independent participant of ../participant with its steps taken apart. Points where it can stop ("stall"):
  held     it has the lock                        drained  it has read what it will write
  begun    RESERVED is held, nothing checked yet  checked  the last check said yes, COMMIT comes next
The broken variants are for testing the torture itself: --broken no-drain, no-check (of the claim before a commit), stat-check
(the claim is looked at with stat and without a barrier).
"""
import argparse
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "participant"))
import locksteps  # noqa: E402
import participant  # noqa: E402

SETTINGS = locksteps.Settings(stale_after=10.0, heartbeat_interval=1.0, confirm=4.0, empty_grace=10.0)
TIMEOUT = 60.0


class Denied(Exception):
    """Certainly not done."""


def say(**members):
    print(json.dumps(members), flush=True)


def stall(order, point):
    if order.get("stall") == point:
        say(event="stalled", point=point)
        os.kill(os.getpid(), signal.SIGSTOP)


def break_it(how):
    """The mistakes that the torture has to find."""
    if how == "no-drain":
        participant.drain = lambda connection: None
    elif how == "no-check":
        participant.surely_check = lambda place, token, limit=10.0: True
        participant.heartbeat = lambda *args: True
    elif how == "stat-check":
        locksteps.check = lambda place, token: os.path.exists(place.claim(token))
        locksteps.opens = os.path.exists
    elif how:
        sys.exit(f"no broken variant {how}")


# --- what it can be told -------------------------------------------------------------------------------------------

def acquire(place, me, order):
    try:
        session = participant.acquire(place, SETTINGS, me, order.get("wait", 40.0), order.get("breaking", "stale"))
    except (participant.Unavailable, OSError) as error:
        raise Denied(f"lock: {error}") from error
    session.start_beating()
    return session


def write_trusted(place, me, order):
    session = acquire(place, me, order)
    try:
        stall(order, "held")
        with contextlib.closing(participant.connect(place, TIMEOUT)) as connection:
            return commit_trusted(session, connection, order)
    finally:
        release(session)


def commit_trusted(session, connection, order):
    try:
        participant.drain(connection)
        known = participant.read_value(connection) if order.get("carry") else None
        stall(order, "drained")
        connection.execute("BEGIN IMMEDIATE")
        stall(order, "begun")
        seq = insert(connection, order["id"], known)
        if not session.beat() or not session.check():
            raise Denied("the lock was lost")
        stall(order, "checked")
    except (sqlite3.Error, OSError) as error:
        raise Denied(str(error)) from error
    connection.execute("COMMIT")  # an error of this one is no answer
    return {"seq": seq, "token": session.token}


def insert(connection, identity, known=None):
    """Reading before the transaction is what only the lock, not SQLite, makes safe."""
    seq = (participant.read_value(connection) if known is None else known) + 1
    connection.execute("UPDATE counter SET n = ?", (seq,))
    connection.execute("INSERT INTO ledger VALUES(?, ?, randomblob(1500))", (seq, identity))
    return seq


def release(session):
    """Trouble here changes nothing about what is committed."""
    with contextlib.suppress(OSError):
        session.release()


def read_trusted(place, me, order):
    uri = pathlib.Path(place.db).as_uri() + "?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=TIMEOUT)) as connection:
        return state_of(connection)


def state_of(connection):
    connection.execute("BEGIN")
    counter, = connection.execute("SELECT n FROM counter").fetchone()
    count, highest, distinct = connection.execute(
        "SELECT count(*), coalesce(max(seq), 0), count(DISTINCT id) FROM ledger WHERE length(filler) = 1500").fetchone()
    return {"seq": counter, "whole": counter == count == highest == distinct,
            "state": [counter, count, highest, distinct]}


def hold(place, me, order):
    """Holds the lock and does nothing; the last check says whether it was held all the time."""
    session = acquire(place, me, order)
    try:
        say(event="held", token=session.token)
        stall(order, "held")
        sys.stdin.readline()  # whoever asks knows that the check begins after asking
        return {"kept": session.check(), "token": session.token}
    finally:
        release(session)


def break_stale(place, me, order):
    """One look and, if it is called for, one break: the quiet time must pass within the patience given."""
    end, watch = time.monotonic() + order.get("seconds", 20.0), locksteps.Watch(place, SETTINGS)
    while time.monotonic() < end:
        seen, quiet = watch.sample()
        verdict, evidence = locksteps.judge(seen, me, locksteps.pid_state, quiet, SETTINGS)
        if verdict == locksteps.STALE:
            return {"broke": locksteps.break_lock(place, seen.token, seen.value), "evidence": evidence}
        if verdict != locksteps.HELD:
            break
        time.sleep(0.5)
    return {"broke": "nothing"}


ORDERS = {"write": write_trusted, "read": read_trusted, "hold": hold, "break": break_stale}


def obey(place, me, order):
    try:
        return {"outcome": "done", **ORDERS[order["op"]](place, me, order)}
    except Denied as error:
        return {"outcome": "denied", "why": str(error)}
    except (sqlite3.Error, OSError, participant.Compromised) as error:
        # Damage is never an accident of the fault: whoever sees it tells.
        damaged = isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error)
        return {"outcome": "damaged" if damaged else "unknown", "why": f"{type(error).__name__}: {error}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--broken")
    args = parser.parse_args()
    break_it(args.broken)
    place, me = locksteps.Place(args.database), locksteps.identity()
    say(event="ready")
    for line in sys.stdin:
        order = json.loads(line)
        say(**obey(place, me, order))


if __name__ == "__main__":
    main()
