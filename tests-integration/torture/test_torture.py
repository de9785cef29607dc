"""That the torture can fail: the rules on histories made up for them, and real participants with a wrong lock.

Order comes from handshakes: a participant stops itself at a point, says so, and goes on when told.
"""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
import history as h  # noqa: E402
from mounts import HERE, LAB, PYTHON, Program  # noqa: E402


class Here:
    """A folder in place of a mount."""
    remote = False

    def command(self, side, argv):
        return argv


def write(identity, start, end, seq, outcome=h.DONE):
    return h.Operation("write", identity, "w", start, end, outcome, seq)


def judged(operations, rows, counter=None):
    history = h.History()
    for operation in operations:
        history.add(operation)
    return h.violations(history, [], rows, len(rows) if counter is None else counter)


class Rules(unittest.TestCase):
    SOUND = [write("x", 0, 1, 1), write("y", 2, 3, 2)]
    ROWS = [(1, "x"), (2, "y")]

    def test_nothing_to_blame(self):
        more = [write("z", 3, 4, None, h.DENIED), write("u", 3, 4, None, h.UNKNOWN),
                h.Operation("read", "", "r", 2.5, 4, h.DONE, 1), h.Operation("hold", "", "h", 4, 6, h.DONE, kept=(4.5, 5))]
        self.assertEqual(judged(self.SOUND + more, self.ROWS), [])
        self.assertEqual(judged(self.SOUND + more, [*self.ROWS, (3, "u")]), [])

    def test_broken_promises(self):
        late = h.Operation("read", "", "r", 4, 5, h.DONE, 1)
        torn = h.Operation("read", "", "r", 4, 5, h.DONE, 2, whole=False)
        future = h.Operation("read", "", "r", 4, 5, h.DONE, 3)
        damaged = h.Operation("read", "", "r", 4, 5, h.DAMAGED)
        holds = [h.Operation("hold", "", "h", 0, 9, h.DONE, kept=(1.5, 5))]
        for operations, rows, counter, said in (
                (self.SOUND, self.ROWS[:1], 1, "lost: acknowledged write y"),
                (self.SOUND, [*self.ROWS, (3, "y")], 3, "y is there 2 times"),
                (self.SOUND, [(1, "x"), (1, "y")], 1, "lost update"),
                (self.SOUND, self.ROWS, 5, "lost update"),
                ([*self.SOUND, write("z", 4, 5, None, h.DENIED)], [*self.ROWS, (3, "z")], 3, "was said not to be done"),
                ([write("x", 2, 3, 1), write("y", 0, 1, 2)], self.ROWS, 2, "began after"),
                ([*self.SOUND, late], self.ROWS, 2, "saw state 1, though 2"),
                ([*self.SOUND, torn], self.ROWS, 2, "different states"),
                ([*self.SOUND, future], self.ROWS, 2, "never committed"),
                ([*self.SOUND, damaged], self.ROWS, 2, "damaged"),
                ([*self.SOUND, *holds], self.ROWS, 2, "began and ended while")):
            with self.subTest(said):
                found = judged(operations, rows, counter)
                self.assertTrue(any(said in line for line in found), found)

    def test_a_damaged_file(self):
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            file.write(b"SQLite format 3\0" + os.urandom(5000))
            file.flush()
            self.assertTrue(h.read_database(file.name)[0])


class WrongLocks(unittest.TestCase):
    """One participant stops inside its transaction, its lock is broken, another one writes, the first goes on."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.folders = {"a": self.folder, "b": self.folder}
        self.history, self.served = h.History(), self.folder

    def make(self):
        self.database = os.path.join(self.served, "t.db")
        connection = sqlite3.connect(self.database)
        connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES(0); CREATE TABLE ledger(seq, id, filler)")
        connection.close()

    def start(self, side, broken, *more):
        words = [PYTHON, "-B", os.path.join(HERE, "worker.py"), os.path.join(self.folders[side], "t.db"), *more]
        program = Program(Here(), side, words + (["--broken", broken] if broken else []))

        def stop():
            program.kill()
            for pipe in (program.process.stdin, program.process.stdout, program.process.stderr):
                pipe.close()
        self.addCleanup(stop)
        self.assertEqual(program.answer(time.monotonic() + 120), {"event": "ready"})
        return program

    def order(self, program, identity, stall=None, wait=100):
        program.say(op="write", id=identity, carry=True, stall=stall, wait=wait)
        started = time.monotonic()
        if stall:
            self.assertEqual(program.answer(started + 120), {"event": "stalled", "point": stall})
            # It says so, and then stops: until it has stopped, a signal to go on would be lost.
            while "T" != self.state(program):
                time.sleep(0.01)
        return h.Operation("write", identity, program.side, started)

    @staticmethod
    def state(program):
        with open(f"/proc/{program.process.pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0]

    def result(self, program, operation):
        reply = program.answer(time.monotonic() + 120)
        self.assertIsNotNone(reply, program.noise)
        operation.end, operation.outcome, operation.seq = time.monotonic(), reply["outcome"], reply.get("seq")
        self.history.add(operation)

    def break_lock(self):
        lock = self.database + ".lock"
        claim, = [name for name in os.listdir(lock) if name.startswith("claim.")]
        os.unlink(os.path.join(lock, claim))

    def found(self):
        return h.violations(self.history, *h.read_database(self.database))

    def stopped_before_begin(self, broken):
        self.make()
        first, second = self.start("a", broken), self.start("b", broken)
        one = self.order(first, "one", "drained")
        self.break_lock()
        self.result(second, self.order(second, "two"))
        first.signal(signal.SIGCONT)
        self.result(first, one)
        return self.found()

    def test_the_right_lock_refuses_who_was_broken(self):
        self.assertEqual(self.stopped_before_begin(None), [])
        self.assertEqual({o.identity: o.outcome for o in self.history.operations}, {"one": h.DENIED, "two": h.DONE})

    def kept(self, *how):
        """As above, in the second write under a lock that is kept."""
        self.make()
        first, second = self.start("a", None, *how), self.start("b", None)
        self.result(first, self.order(first, "zero"))
        one = self.order(first, "one", "drained")
        self.break_lock()
        self.result(second, self.order(second, "two"))
        first.signal(signal.SIGCONT)
        self.result(first, one)
        return self.found()

    def test_who_keeps_the_lock_checks_each_time(self):
        self.assertEqual(self.kept("--keep"), [])
        self.assertEqual({o.identity: o.outcome for o in self.history.operations},
                         {"zero": h.DONE, "one": h.DENIED, "two": h.DONE})

    def test_kept_without_a_check_an_update_is_lost(self):
        self.assertTrue(any("lost update" in line for line in self.kept("--broken", "keep-unchecked")))

    def test_without_a_check_an_update_is_lost(self):
        self.assertTrue(any("lost update" in line for line in self.stopped_before_begin("no-check")))

    def test_without_a_drain_an_update_is_lost(self):
        self.make()
        first, second = self.start("a", "no-drain"), self.start("b", "no-drain")
        one = self.order(first, "one", "checked")
        self.break_lock()
        two = self.order(second, "two", "drained")
        first.signal(signal.SIGCONT)
        self.result(first, one)
        second.signal(signal.SIGCONT)
        self.result(second, two)
        self.assertTrue(any("lost update" in line for line in self.found()))

    def beside_another_program(self, broken):
        """It stands still in its transaction, for longer than a reservation is left alone."""
        self.make()
        foreign, participant = self.start("a", None, "--foreign"), self.start("b", broken, "--grace", "1")
        one = self.order(foreign, "one", "begun")
        self.result(participant, self.order(participant, "two", wait=3))
        foreign.signal(signal.SIGCONT)
        self.result(foreign, one)
        self.result(participant, self.order(participant, "three"))
        return self.found()

    def test_the_right_lock_waits_for_another_program(self):
        self.assertEqual(self.beside_another_program(None), [])
        self.assertEqual({o.identity: o.outcome for o in self.history.operations},
                         {"one": h.DONE, "two": h.DENIED, "three": h.DONE})

    def test_an_update_is_lost_if_its_lock_is_taken_over(self):
        found = self.beside_another_program("take-foreign")
        self.assertTrue(any("lost" in line for line in found), found)

    def mount(self):
        state = {**os.environ, "SQLITESAFE_LAB": os.path.join(self.folder, "lab")}
        done = subprocess.run([LAB, "up", "fuse-cached"], env=state, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, check=False)
        self.addCleanup(subprocess.run, [LAB, "down", "fuse-cached"], env=state, check=True)
        if done.returncode == 77:
            self.skipTest(done.stdout.strip())
        self.folders = dict(line.split(" ", 1) for line in done.stdout.splitlines())
        self.served = os.path.join(os.path.dirname(self.folders["a"]), "served")

    def test_a_check_by_stat_is_fooled_by_a_cache(self):
        self.mount()
        found = self.stopped_before_begin("stat-check")
        self.assertTrue(any("lost" in line for line in found), found)

    def test_a_check_by_open_is_not(self):
        self.mount()
        self.assertEqual(self.stopped_before_begin(None), [])


if __name__ == "__main__":
    unittest.main()
