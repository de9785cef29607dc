#!/usr/bin/python3
"""A participant that does what the torture tells it, one JSON object a line, and can stop itself at a given point.

It is the independent participant of ../participant with its steps taken apart. Points where it can stop ("stall"):
  held     it has the lock                        drained  it has read what it will write
  begun    RESERVED is held, nothing checked yet  checked  the last check said yes, COMMIT (the rename) comes next
  reading  half of what is to be read has been read
The broken variants are for testing the torture itself: --broken no-drain, no-check (of the claim before a commit), stat-check
(the claim is looked at with stat and without a barrier), take-foreign (an empty directory is taken over, whoever made it),
keep-unchecked (as --keep, but the claim is looked at before the first commit under a lock only).
With --keep it keeps the lock for a few writes, as section 16 allows.
With --foreign it is no participant, but a program that locks by SQLite's own dotfile locking, at the same path.
"""
import argparse
import contextlib
import dataclasses
import functools
import json
import os
import pathlib
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "participant"))
import files  # noqa: E402
import locksteps  # noqa: E402
import network  # noqa: E402
import participant  # noqa: E402

TIMEOUT = 60.0
SETTINGS = {access: locksteps.Settings(stale_after=10.0, heartbeat_interval=1.0, confirm=4.0, empty_grace=10.0, access=access)
            for access in ("trusted", "network-exclusive")}


class Denied(Exception):
    """Certainly not done."""


def say(**members):
    print(json.dumps(members), flush=True)


def stall(order, point):
    if order.get("stall") == point:
        say(event="stalled", point=point)
        os.kill(os.getpid(), signal.SIGSTOP)


def take_for_ours(look_into, place, fd):
    kind, *rest = look_into(place, fd)
    return locksteps.RESERVED if kind == locksteps.EMPTY else kind, *rest


def break_it(how):
    """The mistakes that the torture has to find."""
    if how == "no-drain":
        participant.drain = lambda connection: None
    elif how == "no-check":
        participant.surely_check = lambda place, token, limit=10.0: True
        participant.heartbeat = participant.touch = lambda *args: True
    elif how == "stat-check":
        files.check = lambda place, token: os.path.exists(place.claim(token))
        locksteps.opens = os.path.exists
        participant.touch = lambda *args: True  # it opens the claim, and so would tell the cache the truth
    elif how == "keep-unchecked":
        KEEP["checks"] = False
    elif how == "take-foreign":
        locksteps.look_into = functools.partial(take_for_ours, locksteps.look_into)
    elif how:
        sys.exit(f"no broken variant {how}")


def step_clock(real=time.time):
    """An hour to and fro, every few seconds."""
    time.time = lambda: real() + (3600 if int(real() / 7) % 2 else 0)


# --- what it can be told -------------------------------------------------------------------------------------------

def acquire(place, me, order):
    try:
        session = participant.acquire(place, order["settings"], me, order.get("wait", 40.0), order.get("breaking", "stale"))
    except (participant.Unavailable, OSError) as error:
        raise Denied(f"lock: {error}") from error
    session.start_beating()
    return session


# What is kept: the session, how many writes it has still to do, and whether each of them checks.
KEEP = {"session": None, "left": 0, "checks": True}
KEPT_WRITES = 4


def write_kept(place, me, order):
    """T3 again and again under one lock, which is released after the last one, or any that fails."""
    first = KEEP["session"] is None
    if first:
        KEEP.update(session=acquire(place, me, order), left=KEPT_WRITES)
        order = {**order, "stall": None}  # the first write checks in any case
    KEEP["left"] -= 1
    done = False
    try:
        stall(order, "held")
        with contextlib.closing(participant.connect(place, TIMEOUT)) as connection:
            result = commit_trusted(KEEP["session"], connection, order, first or KEEP["checks"])
            done = True
            return result
    finally:
        if not done or KEEP["left"] == 0:
            release(KEEP["session"])
            KEEP["session"] = None


def write_trusted(place, me, order):
    session = acquire(place, me, order)
    try:
        stall(order, "held")
        with contextlib.closing(participant.connect(place, TIMEOUT)) as connection:
            return commit_trusted(session, connection, order)
    finally:
        release(session)


def commit_trusted(session, connection, order, checked=True):
    try:
        participant.drain(connection)
        known = participant.read_value(connection) if order.get("carry") else None
        stall(order, "drained")
        connection.execute("BEGIN IMMEDIATE")
        stall(order, "begun")
        seq = insert(connection, order["id"], known)
        if checked and not (session.beat() and session.check()):
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
        connection.execute("BEGIN")
        return state_of(connection, order)


def state_of(connection, order):
    counter, = connection.execute("SELECT n FROM counter").fetchone()
    stall(order, "reading")
    count, highest, distinct = connection.execute(
        "SELECT count(*), coalesce(max(seq), 0), count(DISTINCT id) FROM ledger WHERE length(filler) = 1500").fetchone()
    return {"seq": counter, "whole": counter == count == highest == distinct,
            "state": [counter, count, highest, distinct]}


def write_network(place, me, order):
    session = acquire(place, me, order)
    done = False
    try:
        stall(order, "held")
        network.drain_readers(place, session, order["settings"], me, TIMEOUT)
        stall(order, "drained")
        done, seq = network.publish_commit(place, session, lambda c: insert(c, order["id"]), lambda: stall(order, "checked"))
        if done is None:
            raise OSError("whether it is published cannot be known")
        return {"seq": seq, "token": session.token}
    except (network.Lost, network.Recover, TimeoutError) as error:
        raise Denied(f"{type(error).__name__}: {error}") from error
    finally:
        session.stop_beating()
        if done:
            network.tidy(place)
        else:
            release(session)


def read_network(place, me, order):
    try:
        with network.SharedRead(place, order["settings"], me, 40.0) as shared:
            with contextlib.closing(shared.connect()) as connection:
                state = state_of(connection, order)
            shared.validate()
            return state
    except (network.Lost, network.Recover, TimeoutError) as error:
        raise Denied(f"{type(error).__name__}: {error}") from error
    except sqlite3.Error as error:
        # What an expired reader sees is nothing at all, and it has to find out before it believes it.
        with contextlib.suppress(network.Lost):
            shared.validate()
            raise
        raise Denied("the read lock was lost") from error


def write_foreign(place, me, order):
    """SQLite with vfs=unix-dotfile: an empty directory D.lock for each transaction, and no other lock."""
    uri = pathlib.Path(place.db).as_uri() + "?mode=rw&vfs=unix-dotfile"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=TIMEOUT, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            seq = insert(connection, order["id"])
            stall(order, "begun")
        except sqlite3.Error as error:
            raise Denied(str(error)) from error
        connection.execute("COMMIT")
        return {"seq": seq}


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
    end, watch = time.monotonic() + order.get("seconds", 20.0), locksteps.Watch(place, order["settings"])
    while time.monotonic() < end:
        seen, quiet = watch.sample()
        verdict, evidence = locksteps.judge(seen, me, locksteps.pid_state, quiet, order["settings"])
        if verdict == locksteps.STALE:
            return {"broke": locksteps.break_lock(place, seen.token, seen), "evidence": evidence}
        if verdict != locksteps.HELD:
            break
        time.sleep(0.5)
    return {"broke": "nothing"}


ORDERS = {"trusted": {"write": write_trusted, "read": read_trusted, "hold": hold, "break": break_stale},
          "network-exclusive": {"write": write_network, "read": read_network, "hold": hold, "break": break_stale}}


def obey(place, me, order):
    try:
        return {"outcome": "done", **ORDERS[order["settings"].access][order["op"]](place, me, order)}
    except Denied as error:
        return {"outcome": "denied", "why": str(error)}
    except (sqlite3.Error, OSError, participant.Compromised) as error:
        # Damage is never an accident of the fault: whoever sees it tells.
        damaged = isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error)
        return {"outcome": "damaged" if damaged else "unknown", "why": f"{type(error).__name__}: {error}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--mode", choices=tuple(SETTINGS), default="trusted")
    parser.add_argument("--broken")
    parser.add_argument("--foreign", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds for which a reservation is left alone")
    parser.add_argument("--clock-steps", action="store_true")
    args = parser.parse_args()
    settings = dataclasses.replace(SETTINGS[args.mode], empty_grace=args.grace)
    if args.foreign:
        ORDERS["trusted"]["write"] = write_foreign
    break_it(args.broken)
    if args.keep or args.broken == "keep-unchecked":
        ORDERS["trusted"]["write"] = write_kept
    if args.clock_steps:
        step_clock()
    place, me = locksteps.Place(args.database), locksteps.identity()
    say(event="ready")
    for line in sys.stdin:
        order = {**json.loads(line), "settings": settings}
        say(**obey(place, me, order))


if __name__ == "__main__":
    main()
