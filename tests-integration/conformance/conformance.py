#!/usr/bin/env python3
"""Drives participants of sqlite-session-safe.lock.v1 through the vectors of sqlite-safe-lock(7), section 14.

    conformance.py [--only NAME,...] COMMAND [COMMAND]    each COMMAND is a shell command that starts a participant

README.md has the line protocol. With two commands the second one plays every other part in the sequences, so that two
makes are tried against each other. --only: these vectors; "sequences" are all that are no judgements. One line for each
vector; exit status 0 when all pass, 1 when one fails.
"""
import contextlib
import json
import os
import pathlib
import select
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
HERE = {"hostname": "here", "bootId": "b1", "pidNamespace": "pid:[1]", "timeNamespace": "time:[1]", "machineId": "m1"}
FAR = {"hostname": "far", "bootId": "b2", "pidNamespace": "pid:[1]", "machineId": "m2"}
SHIFTED, CLOCKLESS = {**HERE, "timeNamespace": "time:[2]"}, {k: v for k, v in HERE.items() if k != "timeNamespace"}
FULL = (f"claim.{T}", "owner.json", "heartbeat")
ALIVE, GONE, OTHER, FORBIDDEN = "process=alive:5", "process=absent", "process=alive:6", "process=forbidden"
WORKER = {"worker": {"pid": 78, "startTime": "5"}}
JUDGEMENTS = [  # number, what L is: None: nothing, "file", "fifo", the mode of an empty directory, or its entries (NAME|: a FIFO);
    # changes to owner.json, facts about processes, age, quiet, verdict
    ("1", None, {}, GONE, 0, 0, "ABSENT"),
    ("2", 0o555, {}, GONE, 0, 5, "RESERVED"),
    ("3", 0o555, {}, GONE, 0, 121, "TAKEOVER"),
    ("3a", 0o755, {}, GONE, 0, 9999, "EMPTY"),
    ("3b", 0o756, {}, GONE, 0, 0, "DEAD"),
    ("4", FULL[1:], {}, GONE, 1, 0, "DEAD"),
    ("5", FULL, {}, ALIVE, 500, 0, "HELD"),
    ("6", FULL, {}, GONE, 1, 0, "STALE dead"),
    ("7", FULL, {}, OTHER, 1, 0, "STALE dead"),
    ("8", FULL, {}, FORBIDDEN, 1, 0, "HELD"),
    ("9", FULL, {"process": {**HERE, "pidNamespace": "pid:[2]"}}, GONE, 1, 0, "HELD"),
    ("10", FULL, {"process": FAR}, GONE, 1, 60, "HELD"),
    ("11", FULL, {"process": FAR}, GONE, 130, 10, "HELD"),
    ("12", FULL, {"process": FAR}, GONE, 130, 23, "STALE old"),
    ("13", FULL, {"process": FAR}, GONE, -3600, 121, "STALE"),
    ("14", FULL, {"process": {**HERE, "bootId": "b0"}}, GONE, 3, 23, "STALE reboot"),
    ("15", (f"claim.{U}", "owner.json", "heartbeat"), {}, GONE, 1, 0, "HELD"),
    ("16", (f"claim.{U}",), {}, GONE, 0, 119, "HELD"),
    ("17", FULL, {"process": FAR, "staleAfterMs": 600000}, GONE, 300, 121, "HELD"),
    ("18", FULL, {"protocol": PROTOCOL[:-1] + "2"}, GONE, 900, 900, "HELD"),
    ("19", (f"claim.{T}", f"claim.{U}"), {}, GONE, 0, 0, "FOREIGN"),
    ("20", ("notes.txt",), {}, GONE, 0, 0, "FOREIGN"),
    ("21", (".nfs0001",), {}, GONE, 0, 0, "DEAD"),
    ("21a", (".fuse_hidden0001",), {}, GONE, 0, 0, "DEAD"),
    ("22", "file", {}, GONE, 0, 9999, "FILE"),
    ("23", "fifo", {}, GONE, 0, 0, "FOREIGN"),
    ("24", (f"claim.{T}|", *FULL[1:]), {}, GONE, 1, 0, "FOREIGN"),
    ("25", (FULL[0], "owner.json|", "heartbeat"), {}, GONE, 1, 0, "FOREIGN"),
    ("26", (*FULL[:2], "heartbeat|"), {}, GONE, 0, 0, "FOREIGN"),
    ("27", FULL, {}, GONE + " proc=alien", 1, 0, "HELD"),
    ("28", FULL, {"process": SHIFTED}, OTHER, 1, 0, "HELD"),
    ("29", FULL, {"process": CLOCKLESS}, OTHER, 1, 0, "HELD"),
    ("30", FULL, {"process": SHIFTED}, GONE, 1, 0, "STALE dead"),
    ("31", FULL, WORKER, GONE + " worker=alive:5", 900, 900, "HELD"),
    ("32", FULL, WORKER, GONE + " worker=absent", 1, 0, "STALE dead"),
    ("33", FULL, WORKER, ALIVE + " worker=absent", 1, 0, "HELD"),
    ("34", FULL, WORKER, GONE + " worker=alive:6", 1, 0, "STALE dead"),
    ("35", FULL, {"worker": {"startTime": "5"}}, GONE + " worker=absent", 1, 0, "HELD"),
    ("36", FULL[:2], {"process": FAR}, GONE, 130, 23, "STALE old"),
    ("37", FULL[:2], {"process": FAR}, GONE, 1, 23, "HELD"),
]
PATIENCE = 60  # seconds for one answer: who hangs on a pipe has failed


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
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise Failed(f"\"{request}\" is not answered within {PATIENCE} s")
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

    def take_over(self):
        """The reservation that is there."""
        self.token = self.ask("prepare", "prepared")
        self.expect("look", "verdict RESERVED none", "verdict TAKEOVER none")
        self.expect("take-over", "true")
        return self.token

    def refused(self):
        answer = self.line("acquire 0")
        if answer != "busy" and not answer.startswith("error "):
            raise Failed(f"\"acquire 0\" was answered with \"{answer}\"")

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
        if entries == "file":
            pathlib.Path(self.lock).touch()
        elif entries == "fifo":
            os.mkfifo(self.lock)
        else:
            os.mkdir(self.lock)
            os.chmod(self.lock, entries if isinstance(entries, int) else 0o755)
        if isinstance(entries, (str, int)):
            return
        for name in entries:
            if name.endswith("|"):
                os.mkfifo(self.entry(name[:-1]))
                continue
            text = f"{T} 1\n" if name == "heartbeat" else json.dumps(record(changes), indent=1) if name == "owner.json" else ""
            pathlib.Path(self.entry(name)).write_text(text, encoding="utf-8")
        if "heartbeat" in entries:
            os.utime(self.entry("heartbeat"), times=(time.time() - age,) * 2)
        elif FULL[0] in entries:
            os.utime(self.entry(FULL[0]), times=(time.time() - age,) * 2)

    def require(self, condition, what):
        if not condition:
            raise Failed(f"{what}; L holds {self.names()}")


def record(changes):
    owner = {"protocol": PROTOCOL, "ownerId": f"here:77:{T}", "target": "it's a test.db", "mode": "write",
             "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "heartbeatIntervalMs": 10000,
             "staleAfterMs": 120000, "x-unknown": {"ignored": [1]}, "process": HERE, **changes}
    owner["process"] = {"pid": 77, "startTime": "5", **owner["process"]}
    return owner


def judgement(vector, entries, changes, processes, age, quiet, verdict):
    if entries is not None:
        vector.make_lock(entries, changes, age)
    participant = vector.start(0)
    facts = " ".join((f"quiet={quiet}", f"hostname={HERE['hostname']}", f"boot={HERE['bootId']}",
                      f"namespace={HERE['pidNamespace']}", f"timens={HERE['timeNamespace']}", f"machine={HERE['machineId']}",
                      processes))
    found = participant.ask(f"judge {facts}", "verdict")
    if verdict not in (found, found.split()[0]):
        raise Failed(f"judged {found}, not {verdict}")
    before = vector.names(), os.path.lexists(vector.lock)
    participant.line("clean")
    if verdict == "DEAD":
        vector.require(vector.names() is None, "DEAD was not cleaned")
    else:
        vector.require((vector.names(), os.path.lexists(vector.lock)) == before,
                       f"what is {verdict} was touched by CLEAN, and held {before}")
    if verdict in ("EMPTY", "FILE", "FOREIGN"):
        participant.refused()
        vector.require((vector.names(), os.path.lexists(vector.lock)) == before,
                       f"what is {verdict} was touched by an acquirer, and held {before}")


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
    lose_files(v)  # what a cleaner may hit that has seen the dead lock
    z.expect("beat", "true")
    v.require(owner_token(v) == u and os.path.exists(v.entry("heartbeat")), "the heartbeat did not restore the files")
    z.expect("release", "done")
    v.require(v.names() is None, "the release left the lock behind")


def lose_files(v):
    """All but the claim; there is no heartbeat before the first beat."""
    for name in ("owner.json", "heartbeat"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(v.entry(name))


def owner_token(v):
    with contextlib.suppress(OSError, ValueError):
        return json.loads(pathlib.Path(v.entry("owner.json")).read_text(encoding="utf-8"))["ownerId"].rpartition(":")[2]
    return None


def s2(v):
    """A reservation that was taken over: its maker finds out, and begins anew."""
    t, x = v.start(0), v.start(1)
    token = t.ask("prepare", "prepared")
    t.expect("reserve", "yes")
    u = x.take_over()
    t.expect("publish", "done")
    t.expect("check", "false")
    t.expect("classify", f"class HELD {u}")
    v.require(not os.path.exists(f"{v.lock}.new.{token}"), "the taker has left the prepared directory of the other")
    x.expect("release", "done")
    t.take()
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
    os.mkdir(v.lock, 0o555)
    t = v.start(0)
    t.ask("prepare", "prepared")
    t.expect("reserve", "no")
    facts = "quiet=121 hostname=h boot=b namespace=n timens=t machine=m process=absent"
    if t.ask(f"judge {facts}", "verdict").split()[0] != "TAKEOVER":
        raise Failed("the reservation is not taken over")
    t.take_over()


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
    verdict = x.ask("judge quiet=0 hostname=h boot=b namespace=n timens=t machine=m process=absent", "verdict")
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


def s13(v):
    """A worker that is added to the record between the look and the break keeps the lock."""
    owner, x = v.start(1), v.start(0)
    token = owner.take()
    owner.kill()
    x.expect("look", "verdict STALE dead")
    changed = json.loads(pathlib.Path(v.entry("owner.json")).read_text(encoding="utf-8"))
    changed["worker"] = {"pid": os.getpid()}
    pathlib.Path(v.entry("owner.json")).write_text(json.dumps(changed), encoding="utf-8")
    x.expect("break", "changed")
    verdict = x.ask("look", "verdict")
    v.require(verdict.startswith("HELD"), f"judged {verdict}")
    x.expect("acquire 0", "busy")
    x.expect("classify", f"class HELD {token}")
    del changed["worker"]
    pathlib.Path(v.entry("owner.json")).write_text(json.dumps(changed), encoding="utf-8")
    x.expect("look", "verdict STALE dead")
    x.expect("break", "broken")
    v.require(v.names() is None, "the break left the lock behind")


def s14(v):
    """A late publication spares the empty directory that another program has made meanwhile."""
    t, x = v.start(0), v.start(1)
    t.ask("prepare", "prepared")
    t.expect("reserve", "yes")
    x.take_over()
    x.expect("release", "done")
    os.mkdir(v.lock)
    theirs = os.stat(v.lock)
    t.expect("publish", "done")
    t.expect("check", "false")
    v.require(os.path.samestat(theirs, os.stat(v.lock)) and v.names() == [], "the other program's lock was replaced")


def s15(v):
    """An empty directory of another program is waited for, however old it is."""
    t = v.start(0)
    os.mkdir(v.lock)
    os.utime(v.lock, (0, 0))
    t.refused()
    v.require(v.names() == [], "it was touched")
    waiting = threading.Thread(target=lambda: v.answers.append(t.line("acquire 40")))
    waiting.start()
    while not any(".lock.new." in name for name in os.listdir(v.folder)):
        if not waiting.is_alive():
            raise Failed(f"it did not wait: {v.answers}")
        time.sleep(0.01)
    os.rmdir(v.lock)
    waiting.join()
    v.require(v.answers[0].startswith("acquired "), f"it waited, and answered {v.answers[0]}")


def s16(v):
    """While a lock is held, the time of the directory and the claim's ctime move."""
    t = v.start(0)
    need(t, "beats")
    token = t.acquire()
    begun = os.stat(v.lock).st_mtime_ns, os.stat(v.entry(f"claim.{token}")).st_ctime_ns
    while True:
        now = os.stat(v.lock).st_mtime_ns, os.stat(v.entry(f"claim.{token}")).st_ctime_ns
        if now[0] > begun[0] and now[1] > begun[1]:
            break
        pathlib.Path(v.folder, "clock").touch()
        age = (os.stat(os.path.join(v.folder, "clock")).st_mtime_ns - now[0]) / 1e9
        v.require(age < 5, f"L has not been touched for {age:.1f} s")
        age = (os.stat(os.path.join(v.folder, "clock")).st_mtime_ns - begun[1]) / 1e9
        v.require(age < 12, f"the claim has not been touched for {age:.1f} s")
        time.sleep(0.05)


def s17(v):
    """Killed right after its claim went, when a late cleaner had taken all else: the next one does not wait."""
    u, z = v.start(0), v.start(1)
    token = u.take()
    lose_files(v)
    u.expect(f"unlink-claim {token}", "done")
    u.kill()
    v.require(v.names() == [], "there is more than was to be")
    z.expect("classify", "class DEAD")
    z.acquire()


def s18(v):
    """A reservation that was used, given back and made anew is another one."""
    t, x = v.start(1), v.start(0)
    t.ask("prepare", "prepared")
    t.expect("reserve", "yes")
    x.ask("prepare", "prepared")
    x.expect("look", "verdict RESERVED none")
    t.expect("publish", "done")
    t.expect("check", "true")
    old = os.stat(v.lock).st_mtime_ns
    t.expect("release", "done")
    while True:
        os.mkdir(v.lock, 0o555)
        if os.stat(v.lock).st_mtime_ns != old:
            break
        os.rmdir(v.lock)
    x.expect("take-over", "false")
    v.require(v.names() == [], "it was taken over")


def other_names(v):
    """C20: a hard link is another name, and has another lock."""
    t = v.start(0)
    need(t, "names")
    os.link(v.database, os.path.join(v.folder, "other.db"))
    t.refused()
    v.require(v.names() is None, "L was left behind")


def owner_and_modes(v):
    """C28: what another user leaves behind can be removed by whoever may write the database."""
    os.chmod(v.database, 0o664)
    if os.getuid() == 0:
        os.chown(v.database, 65534, 65534)
    wanted, before = os.stat(v.database), os.umask(0o077)
    try:
        t = v.start(0)
    finally:
        os.umask(before)
    token = t.take()
    t.expect("beat", "true")
    for path, mode in ((v.lock, 0o775), (v.entry("owner.json"), 0o664), (v.entry("heartbeat"), 0o664),
                       (v.entry(f"claim.{token}"), 0o664)):
        found = os.stat(path)
        v.require((found.st_uid, found.st_gid, found.st_mode & 0o7777) == (wanted.st_uid, wanted.st_gid, mode),
                  f"{os.path.basename(path)} is {found.st_uid}:{found.st_gid} {found.st_mode & 0o7777:o}")


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
             "S13": s13, "S14": s14, "S15": s15, "S16": s16, "S17": s17, "S18": s18, "exclusion": exclusion,
             "C1": symbolic_links, "C2": tokens, "C20": other_names, "C28": owner_and_modes}


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
    only = None
    if commands[:1] == ["--only"]:
        only, commands = commands[1].split(","), commands[2:]
        only += SEQUENCES if "sequences" in only else ()
    if len(commands) not in (1, 2) or only and not set(only) <= {"sequences", *SEQUENCES, *(j[0] for j in JUDGEMENTS)}:
        print(__doc__, file=sys.stderr)
        return 2
    commands = [commands[0], commands[-1]]
    for command in dict.fromkeys(commands):
        if run("hello", [command], lambda vector: vector.start(0)) == "FAILED":
            return 1  # else it would be started for every vector, in vain
    results = [run(f"vector {number}", commands, judgement, *rest) for number, *rest in JUDGEMENTS
               if only is None or number in only]
    results += [run(name, commands, body) for name, body in SEQUENCES.items() if only is None or name in only]
    print(", ".join(f"{results.count(result)} {word}" for result, word in (
        ("ok", "passed"), ("FAILED", "failed"), ("skipped", "skipped"))))
    return 1 if "FAILED" in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
