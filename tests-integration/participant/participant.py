#!/usr/bin/env python3
"""An independent participant in the lock protocol sqlite-session-safe.lock.v1, trusted mode.

Written from the protocol text alone, so that the main implementation can be tested against somebody who
understood the text in his own way. Standard library only. See `participant.py --help` for the commands.

The steps on files are in locksteps.py; here are a session, SQLite, and the commands.
Exit codes: 0 done, 1 other failure, 2 usage, 11 lock not to be had, 12 lock lost.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import sqlite3
import sys
import threading
import time

import vectors
from locksteps import (ABSENT, DEAD, EMPTY, FOREIGN, HELD, PROTOCOL, STALE, TAKEOVER, Place, Settings, Watch,
                       break_lock, clean, discard, heartbeat, identity, judge, observe, opens, pid_state, prepare,
                       publish, quietly, release, surely_check, sweep)


class Unavailable(Exception):
    """The lock cannot be had (exit 11)."""


class Compromised(Exception):
    """The lock was lost (exit 12)."""


# --- a session: acquire, beat, commit ----------------------------------------------------------------------

class Session:
    """One ownership of the lock, shared by the working thread and the beating thread."""

    def __init__(self, place, token, settings, me):
        self.place, self.token, self.settings, self.me = place, token, settings, me
        self.seq, self.lost, self.mutex = 0, False, threading.RLock()
        self.stamp = time.monotonic(), time.time()
        self.ended, self.thread = threading.Event(), None

    def check(self):
        self.lost = self.lost or not surely_check(self.place, self.token)
        return not self.lost

    def beat(self):
        """False when the lock is lost. After a long gap the answer must hold twice, some time apart."""
        with self.mutex:
            if self.lost:
                return False
            now = time.monotonic(), time.time()
            gap = max(now[0] - self.stamp[0], now[1] - self.stamp[1]) > self.settings.stale_after / 2
            if gap and not self.check():
                return False
            self.seq += 1
            state = heartbeat(self.place, self.token, self.seq, self.settings, self.me)
            if state:
                self.stamp = now
            self.lost = self.lost or state is False
            if gap and not self.lost:
                time.sleep(2)
                self.check()
            return not self.lost

    def start_beating(self):
        def run():
            while not self.ended.wait(self.settings.heartbeat_interval):
                with contextlib.suppress(OSError):
                    if not self.beat():
                        return
        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def stop_beating(self):
        self.ended.set()
        if self.thread:
            self.thread.join()

    def release(self):
        self.stop_beating()
        if not self.lost:
            release(self.place, self.token)


def acquire(place, settings, me, wait, breaking="dead"):
    """A Session, or Unavailable. `breaking`: never, dead (proven dead holders), stale (silent ones too)."""
    if os.path.lexists(place.readers) != settings.network:
        raise Unavailable(f"{place.name} is {'not ' if settings.network else ''}in network-exclusive mode")
    deadline, watch, why = time.monotonic() + wait, Watch(place, settings), "busy"
    sweep(place, me)
    token = prepare(place, settings, me)
    try:
        while True:
            may_publish, pause = True, False
            try:
                os.mkdir(place.lock)
            except FileExistsError:
                seen, quiet = watch.sample()
                verdict, evidence = judge(seen, me, pid_state, quiet, settings)
                may_publish, pause, why = verdict == TAKEOVER, True, f"{verdict} {seen.token or '-'} {evidence}"
                if verdict == FOREIGN:
                    raise Unavailable("the lock is of an unknown kind, only an operator may remove it")
                if verdict == DEAD:
                    pause = clean(place) != ABSENT
                if verdict == STALE and (breaking == "stale" or breaking == evidence == "dead"):
                    pause = break_lock(place, seen.token, seen.value) not in ("broken", "gone")
            if may_publish:
                publish(place, token)
                if surely_check(place, token):
                    session = Session(place, token, settings, me)
                    session.beat()  # the prepared heartbeat is as old as the waiting was long
                    return session
                if opens(place.new_claim(token)) is False:  # published and broken, or swept
                    discard(place, token)
                    token = prepare(place, settings, me)
            if pause:  # after progress there is always another try, so even a wait of 0 can replace the dead
                if time.monotonic() >= deadline:
                    raise Unavailable(f"not free after {wait:g} s: {why}")
                time.sleep(min(random.uniform(0.1, 0.4), max(0.0, deadline - time.monotonic())))
    except BaseException:
        discard(place, token)
        if quietly(os.unlink, place.claim(token)):  # published after all, while we could not tell
            clean(place)
        raise


def connect(place, timeout):
    return sqlite3.connect(pathlib.Path(place.db).as_uri() + "?mode=rw", uri=True, timeout=timeout,
                           isolation_level=None)


def drain(connection):
    """Waits for a predecessor who lost the lock while inside SQLite's own commit."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")


def transaction(session, connection, work):
    """One guarded transaction. The check comes while SQLite's write lock is held, so no commit can pass it by."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        if not session.beat() or not session.check():
            raise Compromised(session.token)
        connection.execute("COMMIT")
        return result
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


# --- commands ----------------------------------------------------------------------------------------------

def say(*words):
    print(*words, flush=True)


def read_value(connection):
    return connection.execute("SELECT n FROM counter").fetchone()[0]


def add_one(connection, known=None):
    value = (read_value(connection) if known is None else known) + 1
    connection.execute("UPDATE counter SET n = ?", (value,))
    return value


def command_increment(place, settings, me, args):
    for _ in range(args.count):
        session = acquire(place, settings, me, args.wait, args.breaking)
        session.start_beating()
        try:
            with contextlib.closing(connect(place, args.wait)) as connection:
                drain(connection)
                # read inside the transaction SQLite alone would protect us; read before it, only the lock does
                known = read_value(connection) if args.carry else None
                say("ack", transaction(session, connection, lambda c: add_one(c, known)), session.token)
        finally:
            session.release()
    return 0


def command_hold(place, settings, me, args):
    session = acquire(place, settings, me, args.wait, args.breaking)
    if args.heartbeat:
        session.start_beating()
    say("held", session.token)
    connection = None
    for line in sys.stdin:
        verb, _, sql = line.strip().partition(" ")
        if verb == "check":
            say("check", "true" if session.check() else "false")
        elif verb == "beat":
            say("beat", "ok" if session.beat() else "compromised")
        elif verb == "write":
            try:
                if connection is None:
                    connection = connect(place, args.wait)
                    drain(connection)
                transaction(session, connection, lambda c: c.execute(sql).fetchall())
                say("committed")
            except Compromised:
                say("compromised")
            except sqlite3.Error as error:
                say("error", error)
        elif verb == "release":
            if connection:
                connection.close()
            session.release()
            say("compromised" if session.lost else "released")
            return 12 if session.lost else 0
        else:
            say("unknown", verb)
    os._exit(0)  # end of input plays the crash: nothing is released


def command_inspect(place, settings, me, args):
    seen = observe(place)
    say(json.dumps({"class": seen.kind, "token": seen.token, "owner": seen.owner,
                    "evidence": judge(seen, me, pid_state, 0, settings)[1]}))
    return 0


def command_break(place, settings, me, args):
    watch, first = Watch(place, settings), None
    while True:
        seen, quiet = watch.sample()
        verdict, evidence = judge(seen, me, pid_state, quiet, settings)
        if verdict == TAKEOVER:
            quietly(os.rmdir, place.lock)
            continue
        if verdict == ABSENT or (verdict == DEAD and clean(place) == ABSENT):
            say("free")
            return 0
        if verdict == DEAD:
            raise Unavailable("dead, but its files cannot be removed now")
        if verdict == FOREIGN:
            raise Unavailable("the lock is of an unknown kind, only an operator may remove it")
        if verdict != EMPTY:
            forced = args.force and seen.token == args.owner
            if first not in (None, seen.value) or (args.owner or seen.token) != seen.token:
                say("alive")
                return 11
            if evidence == "operator" and not forced:
                raise Unavailable("held by unknown software, only an operator may break it")
            if verdict == STALE or forced:
                outcome = break_lock(place, seen.token, None if forced else seen.value)
                if outcome in ("broken", "gone"):
                    say(*(("broken", seen.token) if outcome == "broken" else ("free",)))
                    return 0
                if outcome == "failed":
                    raise Unavailable("the claim cannot be removed")
        first = seen.value if verdict == HELD else None
        time.sleep(min(settings.heartbeat_interval / 2, 0.5))


def command_vectors():
    return vectors.run_all(say)


def parse(argv):
    parser = argparse.ArgumentParser(description=f"independent participant of {PROTOCOL}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("increment", "hold", "inspect", "break", "vectors"):
        command = commands.add_parser(name)
        if name == "vectors":
            continue
        command.add_argument("db", metavar="DB")
        for option, default in (("stale-after", 120.0), ("heartbeat-interval", None), ("confirm", None),
                                ("empty-grace", 120.0)):
            command.add_argument("--" + option, type=float, default=default, metavar="S")
        if name in ("increment", "hold"):
            command.add_argument("--wait", type=float, default=60.0, metavar="S")
            command.add_argument("--break", dest="breaking", choices=("dead", "never", "stale"), default="dead")
            command.add_argument("--fsync", choices=("owner", "all"), default="owner")
        if name == "increment":
            command.add_argument("--count", type=int, required=True, metavar="N")
            command.add_argument("--carry", action="store_true", help="read before the transaction, after the drain")
        if name == "hold":
            command.add_argument("--heartbeat", action="store_true")
        if name == "break":
            command.add_argument("--owner", metavar="TOKEN")
            command.add_argument("--force", action="store_true")
    args = parser.parse_args(argv)
    if args.command == "vectors":
        return args, None
    interval = args.heartbeat_interval or min(10.0, args.stale_after / 4)
    confirm = 2 * interval + 2 if args.confirm is None else args.confirm
    if args.command in ("increment", "hold") and not (
            1 <= interval <= 600 and 10 <= args.stale_after <= 3600 and args.stale_after >= 4 * interval):
        parser.error("a holder must declare: interval 1-600 s, stale-after 10-3600 s and four intervals or more")
    if args.command == "break" and args.force and not args.owner:
        parser.error("--force needs --owner")
    return args, Settings(args.stale_after, interval, confirm, args.empty_grace,
                          getattr(args, "fsync", "") == "all")


def main(argv=None):
    args, settings = parse(argv)
    run = globals()["command_" + args.command]
    try:
        return run(*(() if settings is None else (Place(args.db), settings, identity(), args)))
    except Unavailable as error:
        code, text = 11, str(error)
    except Compromised as error:
        code, text = 12, f"lock lost: {error}"
    except sqlite3.OperationalError as error:
        busy = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF == sqlite3.SQLITE_BUSY
        code, text = (11 if busy else 1), f"{'a predecessor is still inside SQLite: ' if busy else ''}{error}"
    except (OSError, sqlite3.Error) as error:
        code, text = 1, str(error)
    print("participant:", text, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
