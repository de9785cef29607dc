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
from locksteps import (ABSENT, DEAD, EMPTY, FILE, FOREIGN, HELD, PROTOCOL, RESERVED, STALE, TAKEOVER, TOUCH, Place,
                       Settings, Watch, break_lock, clean, discard, heartbeat, identity, judge, observe, opens, pid_state,
                       prepare, publish, release, remove_claim, reserve, surely_check, sweep, take_over, touch)


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
        interval = self.settings.heartbeat_interval

        def run():
            due = time.monotonic() + interval
            while not self.ended.wait(min(TOUCH, max(0.0, due - time.monotonic()))):
                with contextlib.suppress(OSError):
                    if time.monotonic() >= due:
                        due = time.monotonic() + interval
                        if not self.beat():
                            return
                    touch(self.place, self.token)
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


class Attempt:
    """One acquirer, from A1 to A5."""

    def __init__(self, place, settings, me, breaking):
        self.place, self.settings, self.me, self.breaking = place, settings, me, breaking
        self.watch, self.why, self.token = Watch(place, settings), "busy", prepare(place, settings, me)

    def round(self):
        """(whether L may be ours now, whether to pause before the next try)."""
        place = self.place
        if opens(place.new_claim(self.token)) is False:  # removed by one who takes a reservation over; let him
            time.sleep(random.uniform(0, 0.3))
            self.again()
        started = time.monotonic()
        try:
            reserve(place)
        except FileExistsError:
            return self.obstacle()
        if time.monotonic() - started > self.settings.empty_grace / 2:
            self.again()
            return False, True
        publish(place, self.token)
        return True, False

    def obstacle(self):
        """What is in the way, and what may be done about it."""
        place = self.place
        seen, quiet = self.watch.sample()
        verdict, evidence = judge(seen, self.me, pid_state, quiet, self.settings)
        self.why = OTHERS.get(verdict, f"{verdict} {seen.token or '-'} {evidence}")
        if verdict == FOREIGN:
            raise Unavailable("the lock is of an unknown kind, only an operator may remove it")
        if verdict == TAKEOVER:
            return take_over(place, self.token, seen), True
        if verdict == DEAD:
            return False, clean(place) != ABSENT
        if verdict == STALE and (self.breaking == "stale" or self.breaking == evidence == "dead"):
            return False, break_lock(place, seen.token, seen) not in ("broken", "gone")
        return False, True

    def again(self):
        discard(self.place, self.token)
        self.token = prepare(self.place, self.settings, self.me)

    def give_up(self):
        discard(self.place, self.token)
        if remove_claim(self.place, self.token):  # published after all, while we could not tell
            clean(self.place)


OTHERS = {EMPTY: "an empty lock directory of another program", FILE: "a lock file of another program",
          RESERVED: "somebody is about to take it"}


def refuse_other_names(place):
    if (why := place.other_name()) is not None:
        raise Unavailable(f"{place.name}: {why}, and another lock there")


def acquire(place, settings, me, wait, breaking="dead"):
    """A Session, or Unavailable. `breaking`: never, dead (proven dead holders), stale (silent ones too)."""
    if os.path.isdir(place.readers) != settings.network or os.path.lexists(place.readers) != settings.network:
        raise Unavailable(f"{place.name} is {'not ' if settings.network else ''}in network-exclusive mode")
    refuse_other_names(place)
    deadline = time.monotonic() + wait
    sweep(place, me)
    attempt = Attempt(place, settings, me, breaking)
    try:
        while True:
            published, pause = attempt.round()
            if published and surely_check(place, attempt.token):
                refuse_other_names(place)
                session = Session(place, attempt.token, settings, me)
                session.beat()  # the prepared heartbeat is as old as the waiting was long
                return session
            if pause:  # after progress there is always another try, so even a wait of 0 can replace the dead
                if time.monotonic() >= deadline:
                    raise Unavailable(f"not free after {wait:g} s: {attempt.why}")
                time.sleep(min(random.uniform(0.1, 0.4), max(0.0, deadline - time.monotonic())))
    except BaseException:
        attempt.give_up()
        raise


def free_reservation(place, settings, me, seen):
    """By the way of an acquirer: a reservation is never removed, only taken over. Whether it is gone."""
    token = prepare(place, settings, me)
    try:
        done = take_over(place, token, seen) and surely_check(place, token)
    finally:
        discard(place, token)
    if done:
        release(place, token)
    return done


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
        if verdict in (EMPTY, FILE):
            raise Unavailable(OTHERS[verdict])
        if verdict == TAKEOVER and free_reservation(place, settings, me, seen):
            continue
        if verdict == ABSENT or (verdict == DEAD and clean(place) == ABSENT):
            say("free")
            return 0
        if verdict == DEAD:
            raise Unavailable("dead, but its files cannot be removed now")
        if verdict == FOREIGN:
            raise Unavailable("the lock is of an unknown kind, only an operator may remove it")
        if verdict not in (RESERVED, TAKEOVER):
            forced = args.force and seen.token == args.owner
            if first not in (None, seen.value) or (args.owner or seen.token) != seen.token:
                say("alive")
                return 11
            if evidence == "operator" and not forced:
                raise Unavailable("held by unknown software, only an operator may break it")
            if verdict == STALE or forced:
                outcome = break_lock(place, seen.token, None if forced else seen)
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
                                ("empty-grace", 10.0)):
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
