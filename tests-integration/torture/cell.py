"""One run: a mount, a fault, a mode of access, for some seconds; and what came of it."""
import collections
import contextlib
import dataclasses
import functools
import os
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time

from faults import FAULTS, LOCAL
from history import DAMAGED, DENIED, DONE, UNKNOWN, History, Operation, read_database, violations
from mounts import HERE, PYTHON, Program

LAUNCHER = os.environ.get("SQLITE_SAFE", os.path.join(HERE, "..", "..", "packaging", "target", "sqlite-safe", "bin", "sqlite-safe"))
TIMES = ("--break", "stale", "--stale-after", "10s", "--heartbeat-interval", "1s")
PATIENCE = 90.0       # seconds for one operation; then its process is killed
BOUND, GUEST_BOUND = 30.0, 75.0  # seconds to recovery: 10 quiet + 4 confirming + 10 empty, starting; NFS adds leases and caches
WORST = {"no-drain": "checked", "no-check": "drained", "stat-check": "drained", "take-foreign": None,
         "keep-unchecked": "drained"}  # where a wrong lock is fooled
BESIDE_FOREIGN = ", foreign locker"
SURELY_NOT = {1: "failed", 2: "usage", 10: "no-database", 11: "lock-busy", 12: "lock-lost", 13: "precondition", 15: "unsafe"}


@functools.lru_cache(None)
def speaks(mode):
    """Whether the program knows this mode of access."""
    return mode in subprocess.run([LAUNCHER, "write", "--help"], capture_output=True, text=True, check=True).stdout


@dataclasses.dataclass
class Outcome:
    mount: str
    fault: str
    mode: str
    seconds: float = 0.0
    acknowledged: int = 0
    reads: int = 0
    denied: int = 0
    unknown: int = 0
    faults: int = 0
    violations: list = dataclasses.field(default_factory=list)
    recovery: float | None = None
    reasons: list = dataclasses.field(default_factory=list)
    note: str = ""


class Cell:
    """Threads drive the processes; the fault's thread disturbs them; in the end everything is looked at."""

    def __init__(self, mount, fault, mode, seconds, broken=None, stalls=None, foreign=False):
        self.foreign = foreign or broken == "take-foreign"
        self.mount, self.fault, self.mode, self.seconds = mount, FAULTS[fault], mode, seconds
        self.broken, self.random = broken, random.Random()
        self.stalls = self.fault.stalls if stalls is None else stalls
        self.program_takes_part = not broken and (mode == "trusted" or speaks(mode))
        self.history, self.result = History(), Outcome(mount.kind, fault + (BESIDE_FOREIGN if foreign else ""), mode)
        self.name = f"t{os.getpid()}-{time.monotonic_ns() % 10**12}.db"
        self.scratch = tempfile.mkdtemp(prefix="torture-")
        self.over, self.running, self.mutex = threading.Event(), set(), threading.Lock()
        self.quiet = {side: threading.Event() for side in "ab"}  # set while the side may be used
        self.numbers = iter(range(1, 1 << 40))
        for side in "ab":
            self.quiet[side].set()

    # --- the run -------------------------------------------------------------------------------------------------

    def run(self):
        started = time.monotonic()
        try:
            self.make_database()
            self.disturb_and_work()
            self.recover()
            self.judge()
        finally:
            self.kill_all()
            with contextlib.suppress(RuntimeError):
                self.fault.heal(self)
            self.result.seconds = time.monotonic() - started
            shutil.rmtree(self.scratch, ignore_errors=True)
        return self.result

    def make_database(self):
        path = os.path.join(self.scratch, self.name)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES(0);"
                                     "CREATE TABLE ledger(seq, id, filler);")
        self.mount.seed(path)
        if self.mode != "trusted":
            self.mark()

    def mark(self):
        """The operator's step. A program that has not learned the mode leaves it all to the participants."""
        database = self.mount.path("a", self.name)
        if self.program_takes_part:
            words = [LAUNCHER, "access", *self.access()[2:], database, self.mode]
        else:
            words = ["mkdir", database + ".lock.readers"]
        status, _, noise = self.run_program("a", words, 120)
        if status != 0:
            raise RuntimeError(f"cannot mark {database} as {self.mode}: {noise}")

    def disturb_and_work(self):
        numbers = (1,) if self.broken else (1, 2)  # so that whoever breaks a wrong lock is on the other side
        jobs = [(self.drive_worker, side, number) for side in "ab" for number in numbers]
        if self.program_takes_part:
            jobs += [(self.drive_cli, side, 3) for side in "ab"] + [(self.drive_batch, side, 4) for side in "ab"]
        threads = [threading.Thread(target=job, args=(side, f"{side}{number}")) for job, side, number in jobs]
        for thread in threads:
            thread.start()
        end = time.monotonic() + self.seconds
        self.pause(3)
        try:
            while time.monotonic() < end and not self.over.is_set():
                self.fault.disturb(self)
                self.result.faults += 1
        finally:
            self.over.set()
            self.fault.heal(self)
            self.resume_all()
            limit = time.monotonic() + PATIENCE
            for thread in threads:
                thread.join(max(0.1, limit - time.monotonic()))
            self.kill_all()
            for thread in threads:
                thread.join()

    def pause(self, seconds):
        self.over.wait(seconds)

    # --- processes -------------------------------------------------------------------------------------------------

    def start(self, side, argv, environment=None):
        program = Program(self.mount, side, argv, environment)
        with self.mutex:
            self.running.add(program)
        return program

    def ended(self, program):
        with self.mutex:
            self.running.discard(program)

    def victims(self, side=None):
        with self.mutex:
            return [p for p in self.running if side in (None, p.side) and p.alive()]

    def resume_all(self):
        for program in self.victims():
            if program.stopped or not self.mount.remote:
                program.resume()

    def kill_all(self, side=None):
        for program in self.victims(side):
            program.kill()

    # --- the long-lived participants -------------------------------------------------------------------------------

    def is_foreign(self, who):
        return self.foreign and who == "b1"

    def start_worker(self, side, who=None):
        argv = [PYTHON, "-B", os.path.join(HERE, "worker.py"), self.mount.path(side, self.name)]
        argv += ["--mode", self.mode] if self.mode != "trusted" else []
        argv += ["--broken", self.broken] if self.broken else []
        argv += ["--foreign"] if self.is_foreign(who) else []
        program = self.start(side, self.fault.wrap(self, side, argv))
        if program.answer(time.monotonic() + 60) != {"event": "ready"}:
            program.kill()
            self.ended(program)
            self.pause(1)
            return None
        return program

    def drive_worker(self, side, who):
        program = None
        while not self.over.is_set():
            self.quiet[side].wait(5)
            if program is None or not program.alive():
                program = self.start_worker(side, who)
            if program is not None:
                order = self.foreign_order(who) if self.foreign else self.next_order()
                if not self.give(program, who, order):
                    program.kill()
                    self.ended(program)
                    program = None
            self.pause(self.random.uniform(0.1, 0.8))
        if program is not None:
            program.process.stdin.close()
            program.wait(10)
            self.ended(program)

    def worst_order(self):
        """A wrong lock shows when its owner stands still there, and others go on with what they read meanwhile."""
        order = {"op": "write", "id": f"w{next(self.numbers)}", "carry": True}
        if self.random.random() < self.stalls:
            order["stall"] = WORST[self.broken]
        return order

    def foreign_order(self, who):
        """Writes only: a reader in trusted mode relies on locks that the foreign program does not take. It alone stands still,
        for nothing keeps it apart from a living owner that was broken by time."""
        order = {"op": "write", "id": f"w{next(self.numbers)}", "carry": True}
        if self.is_foreign(who) and self.random.random() < self.stalls:
            order["stall"] = "begun"
        return order

    def next_order(self):
        if self.broken:
            return self.worst_order()
        operation = self.random.choices(("write", "read", "hold", "break"), (6, 3, 1, 1))[0]
        order = {"op": operation, "id": f"w{next(self.numbers)}"}
        if operation == "write":
            order["carry"] = self.random.random() < 0.7
        if self.random.random() < self.stalls:
            points = {"write": ("held", "drained", "begun", "checked"), "hold": ("held",), "read": ("reading",)}
            order["stall"] = self.random.choice(points.get(operation, (None,)))
        return order

    def give(self, program, who, order):
        """False when the process is of no more use."""
        operation = Operation(order["op"], order["id"], who, time.monotonic())
        program.say(**order)
        end, held = operation.start + PATIENCE, None
        while True:
            reply = program.answer(end)
            operation.end = time.monotonic()
            if reply is None or "outcome" in reply:
                break
            if reply["event"] == "stalled":
                self.leave_stalled(program)
                end = time.monotonic() + PATIENCE
            elif reply["event"] == "held":
                held = operation.end
                self.pause(self.random.uniform(0.1, 2))
                asked = time.monotonic()
                program.say()
        if reply is not None:
            operation.outcome, operation.seq = reply["outcome"], reply.get("seq")
            operation.why = str(reply.get("why", reply.get("state", "")))
            operation.whole = reply.get("whole", True)
            if reply.get("kept") and held is not None:
                operation.kept = (held, asked)
        self.history.add(operation)
        return reply is not None

    def leave_stalled(self, program):
        """It has stopped itself. Longer than the stale limit, so that others break its lock and go on."""
        end = time.monotonic() + (24 if self.broken else self.random.uniform(14, 20))
        while time.monotonic() < end and program.alive() and not self.over.is_set():
            self.pause(0.2)
        program.resume()

    # --- the program ------------------------------------------------------------------------------------------------

    def access(self):
        """What the program would refuse by its own table is tried all the same: the table comes from here."""
        words = () if self.mode == "trusted" else ("--access", self.mode)
        return words if self.mount.kind in LOCAL else (*words, "--assume-network")

    def cli(self, side, words):
        return self.run_program(side, self.fault.wrap(self, side, [LAUNCHER, *words]))

    def run_program(self, side, words, limit=PATIENCE):
        """(exit status or None, first JSON line or None, last words)"""
        program = self.start(side, words)
        program.process.stdin.close()
        status = program.wait(limit)
        reply = program.answer(time.monotonic())
        self.ended(program)
        return status, reply, " ".join(program.noise)

    def drive_cli(self, side, who):
        while not self.over.is_set():
            self.quiet[side].wait(5)
            kind = "write" if self.foreign else self.random.choices(("write", "read", "backup", "break"), (6, 2, 1, 1))[0]
            self.history.add(getattr(self, "cli_" + kind)(side, who))
            self.pause(self.random.uniform(0.5, 3))

    # --- a client of batch that waits for each answer: between two of them it keeps the lock ------------------------

    def drive_batch(self, side, who):
        program = None
        while not self.over.is_set():
            self.quiet[side].wait(5)
            if program is None or not program.alive():
                program = self.start(side, self.fault.wrap(self, side, [LAUNCHER, "batch"]))
            if not self.ask(program, side, who):
                program.kill()
                self.ended(program)
                program = None
                self.pause(1)
            # Mostly it goes on at once; sometimes later than a lock is kept for.
            self.pause(self.random.choices((0, self.random.uniform(0, 0.12), self.random.uniform(0.2, 2)), (80, 15, 5))[0])
        if program is not None:
            program.process.stdin.close()
            program.wait(PATIENCE)
            self.ended(program)

    def ask(self, program, side, who):
        """False when the process is of no more use."""
        operation = Operation("write", f"b{next(self.numbers)}", who + " (batch)", time.monotonic())
        program.say(write=[self.mount.path(side, self.name), self.write_sql(operation.identity)], wait="40s", **self.as_members())
        reply = program.answer(operation.start + PATIENCE)
        operation.end, operation.why = time.monotonic(), f"answer {reply} {' '.join(program.noise)}"
        if reply is not None:
            self.take_answer(operation, reply["exitCode"], (reply.get("output") or [None])[0], str(reply.get("error")))
        self.history.add(operation)
        return reply is not None

    def as_members(self):
        """TIMES and access(), as a request has them."""
        words, members = [*TIMES, *self.access()], {}
        while words:
            name = words.pop(0)[2:]
            members[name] = words.pop(0) if words and not words[0].startswith("--") else True
        return members

    def take_answer(self, operation, status, reply, noise):
        if status in (0, 3) and reply:
            operation.outcome, operation.seq = DONE, reply["rows"][0]["n"]
        elif status == 14 or "malformed" in noise:
            operation.outcome = DAMAGED
        elif status in SURELY_NOT:
            operation.outcome = DENIED

    def write_sql(self, identity):
        return (f"UPDATE counter SET n = n + 1; INSERT INTO ledger SELECT n, '{identity}', randomblob(1500) FROM counter;"
                "SELECT n FROM counter")

    def cli_write(self, side, who, wait="40s"):
        operation = Operation("write", f"c{next(self.numbers)}", who + " (sqlite-safe)", time.monotonic())
        status, reply, noise = self.cli(side, ["write", "--json", "--wait", wait, *TIMES, *self.access(),
                                               self.mount.path(side, self.name), self.write_sql(operation.identity)])
        operation.end, operation.why = time.monotonic(), f"status {status} {noise}"
        self.take_answer(operation, status, reply, noise)
        return operation

    def cli_read(self, side, who):
        operation = Operation("read", "", who + " (sqlite-safe)", time.monotonic())
        sql = ("SELECT (SELECT n FROM counter) AS n, (SELECT count(*) FROM ledger WHERE length(filler) = 1500) AS c,"
               "(SELECT coalesce(max(seq), 0) FROM ledger) AS m")
        status, reply, noise = self.cli(side, ["read", "--format", "json", *self.access(), self.mount.path(side, self.name), sql])
        operation.end, operation.why = time.monotonic(), f"status {status} {noise} {reply}"
        if status == 0 and reply:
            row = reply[0]
            operation.outcome, operation.seq, operation.whole = DONE, row["n"], row["n"] == row["c"] == row["m"]
        elif "malformed" in noise:
            operation.outcome = DAMAGED
        return operation

    def cli_backup(self, side, who):
        operation = Operation("backup", "", who + " (sqlite-safe)", time.monotonic())
        destination = os.path.join(self.scratch, f"backup{next(self.numbers)}")
        status, _, noise = self.cli(side, ["backup", "--no-manifest", "--wait", "40s", *TIMES, *self.access(),
                                           self.mount.path(side, self.name), destination])
        operation.end, operation.why = time.monotonic(), f"status {status} {noise}"
        if status == 0:
            problems, rows, counter = read_database(destination)
            operation.outcome, operation.seq = DAMAGED if problems else DONE, counter
            operation.whole = [seq for seq, _ in rows] == list(range(1, counter + 1))
        elif status == 14:
            operation.outcome = DAMAGED
        return operation

    def cli_break(self, side, who):
        operation = Operation("break", "", who + " (sqlite-safe)", time.monotonic())
        status, _, operation.why = self.cli(side, ["break-stale", *TIMES[2:], *self.access(), self.mount.path(side, self.name)])
        operation.end, operation.outcome = time.monotonic(), DONE if status in (0, 3, 11) else UNKNOWN
        return operation

    # --- the end -----------------------------------------------------------------------------------------------------

    def recover(self):
        """All participants are dead, wherever they were. Somebody new must get in."""
        bound = GUEST_BOUND if self.mount.remote else BOUND
        started = time.monotonic()
        operation = self.newcomer(bound)
        self.history.add(operation)
        if operation.outcome == DONE:
            self.result.recovery = time.monotonic() - started
        else:
            self.result.violations.append(f"nobody got in within {bound:g} s: {operation.why}")

    def newcomer(self, bound):
        if self.program_takes_part:
            return self.cli_write("b", "the newcomer", wait=f"{int(bound)}s")
        program = self.start_worker("b")
        if program is not None:
            self.give(program, "the newcomer", {"op": "write", "id": f"w{next(self.numbers)}", "wait": bound})
            return self.history.operations.pop()
        return Operation("write", "none", "the newcomer", time.monotonic(), time.monotonic(), why="did not start")

    def judge(self):
        copy = os.path.join(self.scratch, "final.db")
        self.mount.fetch(self.name, copy)
        result, history = self.result, self.history
        result.violations += violations(history, *read_database(copy))
        result.acknowledged = len(history.acknowledged())
        result.reads = len([o for o in history.of("read", "backup") if o.outcome == DONE])
        result.denied = len([o for o in history.of("write") if o.outcome == DENIED])
        result.unknown = len([o for o in history.of("write") if o.outcome == UNKNOWN])
        reasons = collections.Counter(re.sub("[0-9a-f]{8,}", "..", o.why)[:120] for o in history.of("write") if o.outcome != DONE)
        result.reasons = reasons.most_common(3)
        if not result.acknowledged:
            result.note = "nothing could be written: " + next((o.why for o in history.of("write")), "")[:200]

