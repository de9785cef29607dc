#!/usr/bin/env python3
"""Drives participants of sqlite-session-safe.lock.v1 through the vectors of sqlite-safe-lock(7), section 14.

    conformance.py COMMAND [COMMAND]    each COMMAND is a shell command that starts a participant

README.md has the line protocol. With two commands the second one plays every other part in the sequences, so that two
makes are tried against each other. One line for each vector; exit status 0 when all pass, 1 when one fails.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

PROTOCOL = "sqlite-session-safe.lock.v1"
T, U = "a" * 32, "b" * 32
HERE = {"hostname": "here", "bootId": "b1", "pidNamespace": "pid:[1]", "machineId": "m1"}
FAR = {"hostname": "far", "bootId": "b2", "pidNamespace": "pid:[1]", "machineId": "m2"}
FULL = (f"claim.{T}", "owner.json", "heartbeat")
ALIVE, GONE, OTHER, FORBIDDEN = "alive:5", "absent", "alive:6", "forbidden"
JUDGEMENTS = [  # number, entries (None: no L, a string: a file), changes to owner.json, process, age, quiet, verdict
    (1, None, {}, GONE, 0, 0, "ABSENT"),
    (2, (), {}, GONE, 0, 5, "EMPTY"),
    (3, (), {}, GONE, 0, 121, "TAKEOVER"),
    (4, FULL[1:], {}, GONE, 1, 0, "DEAD"),
    (5, FULL, {}, ALIVE, 500, 0, "HELD"),
    (6, FULL, {}, GONE, 1, 0, "STALE dead"),
    (7, FULL, {}, OTHER, 1, 0, "STALE dead"),
    (8, FULL, {}, FORBIDDEN, 1, 0, "HELD"),
    (9, FULL, {"process": {**HERE, "pidNamespace": "pid:[2]"}}, GONE, 1, 0, "HELD"),
    (10, FULL, {"process": FAR}, GONE, 1, 60, "HELD"),
    (11, FULL, {"process": FAR}, GONE, 130, 10, "HELD"),
    (12, FULL, {"process": FAR}, GONE, 130, 23, "STALE old"),
    (13, FULL, {"process": FAR}, GONE, -3600, 121, "STALE"),
    (14, FULL, {"process": {**HERE, "bootId": "b0"}}, GONE, 3, 23, "STALE reboot"),
    (15, (f"claim.{U}", "owner.json", "heartbeat"), {}, GONE, 1, 0, "HELD"),
    (16, (f"claim.{U}",), {}, GONE, 0, 119, "HELD"),
    (17, FULL, {"process": FAR, "staleAfterMs": 600000}, GONE, 300, 121, "HELD"),
    (18, FULL, {"protocol": PROTOCOL[:-1] + "2"}, GONE, 900, 900, "HELD"),
    (19, (f"claim.{T}", f"claim.{U}"), {}, GONE, 0, 0, "FOREIGN"),
    (20, ("notes.txt",), {}, GONE, 0, 0, "FOREIGN"),
    (21, (".nfs0001",), {}, GONE, 0, 0, "DEAD"),
    ("21a", (".fuse_hidden0001",), {}, GONE, 0, 0, "DEAD"),
    (22, "", {}, GONE, 0, 0, "FOREIGN"),
]


class Failed(Exception):
    """The participant does not do what the protocol says."""


class Skip(Exception):
    """Not for this participant."""


class Participant:
    """One process of a participant, on one database."""

    def __init__(self, command, database):
        self.command, self.token = command, None
        self.process = subprocess.Popen(["sh", "-c", "exec " + command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, start_new_session=True)
        protocol, *self.abilities = self.ask("hello", "hello").split()
        if protocol != PROTOCOL:
            raise Failed(f"it speaks {protocol}")
        self.expect(f"open {database}", "done")

    def line(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # its missing answer says it
        return self.process.stdout.readline().rstrip("\n")

    def ask(self, request, word):
        """What follows that word in the answer."""
        answer = self.line(request)
        if answer != word and not answer.startswith(word + " "):
            raise Failed(f"\"{request}\" was answered with \"{answer}\", not with \"{word}\"")
        return answer[len(word) + 1:]

    def expect(self, request, *answers):
        answer = self.line(request)
        if answer not in answers:
            raise Failed(f"\"{request}\" was answered with \"{answer}\", not with \"{' or '.join(answers)}\"")

    def take(self):
        """The whole lock, step by step."""
        self.token = self.ask("prepare", "prepared")
        self.expect("reserve", "yes")
        self.expect("publish", "done")
        self.expect("check", "true")
        return self.token

    def acquire(self):
        self.token = self.ask("acquire 0", "acquired")
        return self.token

    def kill(self):
        """At once, with everything it has started, and waited for: a zombie is a process to some."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Vector:
    """A fresh database and the participants on it."""

    def __init__(self, commands):
        self.commands, self.started, self.answers = commands, [], []
        self.folder = tempfile.mkdtemp(prefix="conformance ")
        self.database = os.path.join(self.folder, "it's a test.db")
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES(0)")
        self.lock = self.database + ".lock"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for participant in self.started:
            participant.kill()
        shutil.rmtree(self.folder)

    def start(self, which, database=None):
        """which: 0 = the one under test, 1 = its counterpart."""
        participant = Participant(self.commands[which], database or self.database)
        self.started.append(participant)
        return participant

    def entry(self, name):
        return os.path.join(self.lock, name)

    def names(self):
        return sorted(os.listdir(self.lock)) if os.path.isdir(self.lock) else None

    def make_lock(self, entries, changes, age):
        if isinstance(entries, str):
            pathlib.Path(self.lock).write_text(entries, encoding="utf-8")
            return
        os.mkdir(self.lock)
        for name in entries:
            text = f"{T} 1\n" if name == "heartbeat" else json.dumps(record(changes), indent=1) if name == "owner.json" else ""
            pathlib.Path(self.entry(name)).write_text(text, encoding="utf-8")
        if "heartbeat" in entries:
            os.utime(self.entry("heartbeat"), times=(time.time() - age,) * 2)

    def require(self, condition, what):
        if not condition:
            raise Failed(f"{what}; L holds {self.names()}")


def record(changes):
    owner = {"protocol": PROTOCOL, "ownerId": f"here:77:{T}", "target": "it's a test.db", "mode": "write",
             "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "heartbeatIntervalMs": 10000,
             "staleAfterMs": 120000, "x-unknown": {"ignored": [1]}, "process": HERE, **changes}
    owner["process"] = {"pid": 77, "startTime": "5", **owner["process"]}
    return owner


def judgement(vector, entries, changes, process, age, quiet, verdict):
    if entries is not None:
        vector.make_lock(entries, changes, age)
    participant = vector.start(0)
    facts = " ".join((f"quiet={quiet}", f"hostname={HERE['hostname']}", f"boot={HERE['bootId']}",
                      f"namespace={HERE['pidNamespace']}", f"machine={HERE['machineId']}", f"process={process}"))
    found = participant.ask(f"judge {facts}", "verdict")
    if verdict not in (found, found.split()[0]):
        raise Failed(f"judged {found}, not {verdict}")
    before = vector.names()
    participant.line("clean")
    if verdict == "DEAD":
        vector.require(vector.names() is None, "DEAD was not cleaned")
    else:
        vector.require(vector.names() == before, f"what is {verdict} was touched by CLEAN, and held {before}")


# --- sequences, in the order and with the names of the protocol ---------------------------------------------------

def s1(v):
    """A slow second breaker cannot hit a later lock."""
    owner, x, y, z = v.start(1), v.start(1), v.start(0), v.start(0)
    t = owner.take()
    x.expect(f"unlink-claim {t}", "done")
    x.expect("clean", "class ABSENT")
    u = z.take()
    y.expect(f"unlink-claim {t}", "done")
    y.expect("clean", f"class HELD {u}")
    for name in ("owner.json", "heartbeat"):  # what a cleaner may hit that has seen the dead lock
        os.unlink(v.entry(name))
    z.expect("beat", "true")
    v.require(owner_token(v) == u and os.path.exists(v.entry("heartbeat")), "the heartbeat did not restore the files")
    z.expect("release", "done")
    v.require(v.names() is None, "the release left the lock behind")


def owner_token(v):
    with contextlib.suppress(OSError, ValueError):
        return json.loads(pathlib.Path(v.entry("owner.json")).read_text(encoding="utf-8"))["ownerId"].rpartition(":")[2]
    return None


def s2(v):
    """A reservation that was taken over: its maker finds out, and can go on."""
    t, x = v.start(0), v.start(1)
    token = t.ask("prepare", "prepared")
    t.expect("reserve", "yes")
    u = x.ask("prepare", "prepared")
    x.expect("reserve", "no")
    x.expect("publish", "done")
    x.expect("check", "true")
    t.expect("publish", "done")
    t.expect("check", "false")
    t.expect("classify", f"class HELD {u}")
    v.require(os.path.exists(f"{v.lock}.new.{token}/claim.{token}"), "the prepared directory is damaged")
    x.expect("release", "done")
    t.expect("reserve", "yes")
    t.expect("publish", "done")
    t.expect("check", "true")
    t.expect("release", "done")


def s3(v):
    """The reply of the rename was lost, and it is done again."""
    t = v.start(0)
    t.ask("prepare", "prepared")
    t.expect("reserve", "yes")
    t.expect("publish", "done")
    t.expect("publish", "done")
    t.expect("check", "true")


def s4(v):
    """A reservation whose maker does not know of it, or is dead, is taken over."""
    os.mkdir(v.lock)
    t = v.start(0)
    t.ask("prepare", "prepared")
    t.expect("reserve", "no")
    if t.ask("judge quiet=121 hostname=h boot=b namespace=n machine=m process=absent", "verdict").split()[0] != "TAKEOVER":
        raise Failed("the empty directory is not taken over")
    t.expect("publish", "done")
    t.expect("check", "true")


def s5(v):
    """A breaker that dies before it has cleaned keeps nobody waiting."""
    t, x, z = v.start(1), v.start(1), v.start(0)
    token = t.take()
    x.expect(f"unlink-claim {token}", "done")
    x.kill()
    z.acquire()
    z.expect("release", "done")


def s6(v):
    """Broken between check and commit: the successor waits for the commit, and sees it."""
    t, x, u = v.start(0), v.start(1), v.start(1)
    need(t, u, "trusted")
    token = t.take()
    t.expect("begin", "done")
    t.expect("check", "true")
    x.expect(f"unlink-claim {token}", "done")
    x.expect("clean", "class ABSENT")
    u.acquire()
    u.expect("drain", "busy")
    t.expect("set 1", "done")
    t.expect("commit", "done")
    u.expect("drain", "done")
    u.expect("read", "value 1")


def s7(v):
    """Broken before BEGIN: the check says no."""
    t, x, u = v.start(0), v.start(1), v.start(1)
    need(t, u, "trusted")
    token = t.take()
    t.expect("drain", "done")
    x.expect(f"unlink-claim {token}", "done")
    x.expect("clean", "class ABSENT")
    u.acquire()
    for request in ("drain", "begin", "set 5", "commit"):
        u.expect(request, "done")
    u.expect("release", "done")
    t.expect("begin", "done")
    t.expect("set 100", "done")
    t.expect("check", "false")
    t.expect("rollback", "done")
    u.expect("read", "value 5")
    v.require(v.names() is None, "a compromised owner has touched L")


def s9(v):
    """A record that a broken owner writes late says nothing about its successor."""
    t, u, x = v.start(1), v.start(1), v.start(0)
    token = t.take()
    late = pathlib.Path(v.entry("owner.json")).read_bytes()
    x.expect(f"unlink-claim {token}", "done")
    x.expect("clean", "class ABSENT")
    successor = u.acquire()
    t.kill()
    pathlib.Path(v.entry("owner.json")).write_bytes(late)
    verdict = x.ask("judge quiet=0 hostname=h boot=b namespace=n machine=m process=absent", "verdict")
    v.require(verdict.startswith("HELD"), f"judged {verdict}")
    x.expect("acquire 0", "busy")
    u.expect("beat", "true")
    v.require(owner_token(v) == successor, "the record was not restored")


def s12(v):
    """A host that has slept: the gap alone is no loss, but a break before or just after waking up is."""
    t, x = v.start(0), v.start(1)
    need(t, "sleeps")
    token = t.acquire()
    t.expect("wake 3600", "true")
    x.expect("classify", f"class HELD {token}")
    before = os.stat(v.entry("heartbeat")).st_mtime_ns
    woken = threading.Thread(target=lambda: v.answers.append(t.line("wake 3600")))
    woken.start()
    while woken.is_alive() and os.stat(v.entry("heartbeat")).st_mtime_ns == before:
        time.sleep(0.01)  # it has checked, and beaten; a breaker that judged before that ends only now
    x.expect(f"unlink-claim {token}", "done")
    woken.join()
    v.require(v.answers == ["false"], f"the second check was answered with {v.answers}")
    x.expect("clean", "class ABSENT")
    t.acquire()
    x.expect(f"unlink-claim {t.token}", "done")
    x.expect("clean", "class ABSENT")
    successor = x.acquire()
    t.expect("wake 3600", "false")
    v.require(owner_token(v) == successor, "a compromised owner has touched L")


def exclusion(v):
    """One gets in, the other does not; and takes the place of the dead at once."""
    first, second = v.start(0), v.start(1)
    first.acquire()
    second.expect("acquire 0", "busy")
    first.kill()
    second.acquire()
    third = v.start(0)
    third.expect("acquire 0", "busy")
    second.expect("release", "done")
    third.acquire()


def symbolic_links(v):
    """C1: all names of a file lead to one lock."""
    link = os.path.join(v.folder, "link.db")
    os.symlink("it's a test.db", link)
    first, second = v.start(0, link), v.start(1)
    first.acquire()
    v.require(os.path.isdir(v.lock), "the lock is not beside the resolved file")
    second.expect("acquire 0", "busy")


def tokens(v):
    """C2: a new token for every attempt."""
    t = v.start(0)
    seen = set()
    for _ in range(3):
        seen.add(t.acquire())
        t.expect("release", "done")
    v.require(len(seen) == 3 and all(len(token) == 32 for token in seen), f"tokens {seen}")


def need(*participants_and_ability):
    *participants, ability = participants_and_ability
    for participant in participants:
        if ability not in participant.abilities:
            raise Skip(f"\"{participant.command}\" has no ability \"{ability}\"")


SEQUENCES = {"S1": s1, "S2": s2, "S3": s3, "S4": s4, "S5": s5, "S6": s6, "S7": s7, "S9": s9, "S12": s12,
             "exclusion": exclusion, "C1": symbolic_links, "C2": tokens}


def run(name, commands, body, *args):
    """"ok", "skipped" or "FAILED"."""
    result, why = "ok", ""
    try:
        with Vector(commands) as vector:
            body(vector, *args)
    except Skip as reason:
        result, why = "skipped", f": {reason}"
    except (Failed, OSError) as trouble:
        result, why = "FAILED", f": {trouble}"
    print(f"{name} {result}{why}", flush=True)
    return result


def main(commands):
    if len(commands) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    commands = [commands[0], commands[-1]]
    results = [run(f"vector {number}", commands, judgement, *rest) for number, *rest in JUDGEMENTS]
    results += [run(name, commands, body) for name, body in SEQUENCES.items()]
    print(", ".join(f"{results.count(result)} {word}" for result, word in (
        ("ok", "passed"), ("FAILED", "failed"), ("skipped", "skipped"))))
    return 1 if "FAILED" in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
