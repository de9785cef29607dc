"""Tests of the participant. Order comes from handshakes and from stopping between steps, never from sleeping."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import locksteps as ls
import participant
import vectors

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "participant.py")


class Case(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.db = folder.name, os.path.join(folder.name, "test.db")
        with contextlib.closing(sqlite3.connect(self.db)) as connection:
            connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES (0)")
        self.place, self.me, self.settings = ls.Place(self.db), ls.identity(), ls.Settings()

    def start(self, *words):
        process = subprocess.Popen([sys.executable, PROGRAM, *words], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def stop():
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                pipe.close()
        self.addCleanup(stop)
        return process

    def run_it(self, *words):
        done = subprocess.run([sys.executable, PROGRAM, *words], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def hold(self, *options):
        process = self.start("hold", self.db, *options)
        word, token = process.stdout.readline().split()
        self.assertEqual(word, "held")
        return process, token

    def ask(self, process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    def assert_counter(self, expected):
        with contextlib.closing(sqlite3.connect(self.db)) as connection:
            self.assertEqual(connection.execute("SELECT n FROM counter").fetchall(), [(expected,)])
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def assert_tidy(self):
        self.assertEqual([name for name in os.listdir(self.folder) if ".lock" in name], [])

    def publish_new(self):
        """A lock taken step by step, as by another process."""
        token = ls.prepare(self.place, self.settings, self.me)
        os.mkdir(self.place.lock)
        ls.publish(self.place, token)
        self.assertTrue(ls.check(self.place, token))
        return token

    def acquire(self, **options):
        return participant.acquire(self.place, self.settings, self.me, **{"wait": 0, **options})


class Judgement(unittest.TestCase):

    def test_vectors(self):
        self.assertEqual(len(vectors.VECTORS), 22)
        for number, row in enumerate(vectors.VECTORS, 1):
            with self.subTest(number), tempfile.TemporaryDirectory() as folder:
                self.assertIsNone(vectors.run_vector(folder, row))

    def test_quiet_time_does_not_count_a_pause_of_the_observer(self):
        class Clock:
            now = 0.0

            def monotonic(self):
                return self.now
        clock, watch = Clock(), ls.Watch(None, ls.Settings())
        seen = ls.Seen(ls.HELD, "t", value=("t", "missing"))
        time_before, observe_before = ls.time, ls.observe
        self.addCleanup(lambda: (setattr(ls, "time", time_before), setattr(ls, "observe", observe_before)))
        ls.time, ls.observe = clock, lambda place: seen
        quiet = []
        for clock.now in (100, 105, 4000):
            quiet.append(watch.sample()[1])
        seen = ls.Seen(ls.HELD, "t", value=("t", "another beat"))
        clock.now += 5
        quiet.append(watch.sample()[1])
        self.assertEqual(quiet, [0, 5, 15, 0])

    def test_owner_records_not_to_be_believed(self):
        token = vectors.T
        good = {"ownerId": f"h:1:{token}", "protocol": ls.PROTOCOL}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "owner.json")
            for text, believed in ((json.dumps(good), True), (json.dumps({**good, "x": "y" * 65536}), False),
                                   ("[]", False), ("{", False), ("[" * 60000, False), ("\xff", False)):
                with open(path, "w", encoding="latin-1") as file:
                    file.write(text)
                self.assertEqual(ls.speaks_about(ls.read_owner(path), token), believed, text[:60])
        self.assertFalse(ls.speaks_about(good, vectors.U))


class Sequences(Case):
    """The sequence vectors of trusted mode, step by step."""

    def test_s1_slow_second_breaker(self):
        t = self.publish_new()
        self.assertEqual(ls.break_lock(self.place, t), "broken")
        u = self.publish_new()
        self.assertEqual(ls.break_lock(self.place, t), "gone")
        for name in ("owner.json", "heartbeat"):  # a cleaner that saw the dead lock may hit these
            os.unlink(os.path.join(self.place.lock, name))
        self.assertTrue(ls.heartbeat(self.place, u, 1, self.settings, self.me))
        self.assertEqual(ls.observe(self.place).owner["ownerId"].rpartition(":")[2], u)
        ls.release(self.place, u)
        self.assert_tidy()

    def test_s2_paused_before_publishing(self):
        t = ls.prepare(self.place, self.settings, self.me)
        os.mkdir(self.place.lock)
        u = ls.prepare(self.place, self.settings, self.me)
        ls.publish(self.place, u)
        ls.publish(self.place, t)
        self.assertFalse(ls.check(self.place, t))
        self.assertTrue(ls.opens(self.place.new_claim(t)))
        self.assertTrue(ls.check(self.place, u))

    def test_s3_publishing_twice(self):
        t = self.publish_new()
        ls.publish(self.place, t)
        self.assertTrue(ls.check(self.place, t))

    def test_s4_empty_is_left_alone_until_the_grace_is_over(self):
        os.mkdir(self.place.lock)
        with self.assertRaises(participant.Unavailable):
            self.acquire()
        self.assertEqual(ls.classify(self.place)[0], ls.EMPTY)
        self.settings = ls.Settings(empty_grace=0)
        self.acquire().release()
        self.assert_tidy()

    def test_s5_breaker_that_died_before_cleaning(self):
        os.unlink(self.place.claim(self.publish_new()))
        self.assertEqual(ls.classify(self.place)[0], ls.DEAD)
        self.acquire().release()
        self.assert_tidy()

    def test_s6_broken_between_check_and_commit(self):
        t = self.acquire()
        with contextlib.closing(participant.connect(self.place, 0)) as old, \
                contextlib.closing(participant.connect(self.place, 0)) as new:
            participant.drain(old)
            old.execute("BEGIN IMMEDIATE")
            participant.add_one(old)
            self.assertTrue(t.beat() and t.check())
            self.assertEqual(ls.break_lock(self.place, t.token), "broken")
            u = self.acquire()
            with self.assertRaises(sqlite3.OperationalError):
                participant.drain(new)
            old.execute("COMMIT")
            participant.drain(new)
            self.assertEqual(participant.transaction(u, new, participant.add_one), 2)
            u.release()
        self.assert_counter(2)
        self.assert_tidy()

    def test_s7_broken_before_begin(self):
        t = self.acquire()
        ls.break_lock(self.place, t.token)
        u = self.acquire()
        with contextlib.closing(participant.connect(self.place, 0)) as connection:
            participant.drain(connection)
            participant.transaction(u, connection, participant.add_one)
            u.release()
            with self.assertRaises(participant.Compromised):
                participant.transaction(t, connection, participant.add_one)
        t.release()
        self.assert_counter(1)
        self.assert_tidy()

    def test_s9_late_record_of_a_broken_holder(self):
        t = self.publish_new()
        ls.break_lock(self.place, t)
        u = self.publish_new()
        ls.write_file(self.place.owner, ls.record(self.place, t, self.settings, self.me), os.O_TRUNC, False)
        verdict = ls.judge(ls.observe(self.place), self.me, lambda _: ("absent", None), 0, self.settings)
        self.assertEqual(verdict, (ls.HELD, "none"))
        self.assertTrue(ls.heartbeat(self.place, u, 1, self.settings, self.me))
        self.assertIsNotNone(ls.observe(self.place).owner)

    def test_foreign_and_network_exclusive_are_refused(self):
        os.mkdir(self.place.lock)
        with open(os.path.join(self.place.lock, "notes.txt"), "w", encoding="ascii"):
            pass
        with self.assertRaises(participant.Unavailable):
            self.acquire()
        self.assertEqual(self.run_it("break", self.db)[0], 11)
        self.assertEqual(os.listdir(self.place.lock), ["notes.txt"])
        os.mkdir(self.place.readers)
        with self.assertRaises(participant.Unavailable):
            self.acquire()

    def test_prepared_directories_of_killed_processes_are_swept(self):
        with subprocess.Popen([sys.executable, "-c", ""]) as killed:
            pass
        for _ in range(ls.SWEEP_FROM):
            ls.prepare(self.place, self.settings, {**self.me, "pid": killed.pid})
        mine = ls.prepare(self.place, self.settings, self.me)
        self.acquire().release()
        self.assertEqual([n for n in os.listdir(self.folder) if ".lock" in n], [f"test.db.lock.new.{mine}"])


class Processes(Case):

    def test_racing_increments(self):
        racers = [self.start("increment", self.db, "--count", "10", *carry)
                  for carry in ((), ("--carry",))]
        acks = []
        for racer in racers:
            out, err = racer.communicate()
            self.assertEqual((racer.returncode, err), (0, ""))
            acks += re.findall(r"^ack (\d+) [0-9a-f]{32}$", out, re.MULTILINE)
        self.assertEqual(sorted(map(int, acks)), list(range(1, 21)))
        self.assert_counter(20)
        self.assert_tidy()

    def test_symbolic_link_leads_to_the_same_lock(self):
        os.mkdir(os.path.join(self.folder, "elsewhere"))
        link = os.path.join(self.folder, "elsewhere", "link.db")
        os.symlink(self.db, link)
        holder, token = self.hold()
        self.assertEqual(json.loads(self.run_it("inspect", link)[1])["token"], token)
        self.assertEqual(self.run_it("increment", link, "--count", "1", "--wait", "0")[0], 11)
        self.assertEqual(self.ask(holder, "release"), "released")
        self.assertEqual(holder.wait(), 0)

    def test_killed_holder_is_replaced_at_once(self):
        holder, token = self.hold("--heartbeat")
        self.assertEqual(self.run_it("increment", self.db, "--count", "1", "--wait", "0")[0], 11)
        holder.kill()
        holder.wait()
        self.assertEqual(json.loads(self.run_it("inspect", self.db)[1])["evidence"], "dead")
        code, _, err = self.run_it("increment", self.db, "--count", "1", "--wait", "0", "--break", "never")
        self.assertEqual((code, token in err), (11, True))
        self.assertEqual(self.run_it("increment", self.db, "--count", "1", "--wait", "0")[0], 0)
        self.assert_counter(1)
        self.assert_tidy()

    def test_holder_whose_input_ends_leaves_a_lock_for_others_to_break(self):
        holder, token = self.hold()
        holder.stdin.close()
        self.assertEqual(holder.wait(), 0)
        self.assertEqual(self.run_it("break", self.db), (0, f"broken {token}\n", ""))
        self.assertEqual(self.run_it("break", self.db), (0, "free\n", ""))
        self.assert_tidy()

    def test_beating_holder_is_alive(self):
        holder, _ = self.hold("--heartbeat", "--heartbeat-interval", "1", "--stale-after", "10")
        self.assertEqual(self.run_it("break", self.db, "--stale-after", "10", "--heartbeat-interval", "1")[:2],
                         (11, "alive\n"))
        self.assertEqual(self.ask(holder, "write UPDATE counter SET n = n + 1"), "committed")
        self.assertEqual(self.ask(holder, "release"), "released")
        self.assert_tidy()

    def test_stopped_holder_is_broken_and_its_commit_refused(self):
        holder, token = self.hold("--heartbeat", "--heartbeat-interval", "1", "--stale-after", "10")
        self.assertEqual(self.ask(holder, "write UPDATE counter SET n = n + 1"), "committed")
        holder.send_signal(signal.SIGSTOP)
        os.waitpid(holder.pid, os.WUNTRACED)  # returns when it has stopped
        try:
            broken = self.run_it("break", self.db, "--stale-after", "1", "--heartbeat-interval", "1", "--confirm", "4")
            self.assertEqual(broken, (0, f"broken {token}\n", ""))
            self.assertEqual(self.run_it("increment", self.db, "--count", "2")[0], 0)
        finally:
            holder.send_signal(signal.SIGCONT)
        self.assertEqual(self.ask(holder, "write UPDATE counter SET n = 77"), "compromised")
        self.assertEqual(self.ask(holder, "beat"), "beat compromised")
        self.assertEqual(self.ask(holder, "check"), "check false")
        self.assertEqual(self.ask(holder, "release"), "compromised")
        self.assertEqual(holder.wait(), 12)
        self.assert_counter(3)
        self.assert_tidy()

    def test_forced_break_names_its_victim(self):
        holder, token = self.hold()
        self.assertEqual(self.run_it("break", self.db, "--owner", "0" * 32, "--force")[:2], (11, "alive\n"))
        self.assertEqual(self.run_it("break", self.db, "--owner", token, "--force")[:2], (0, f"broken {token}\n"))
        self.assertEqual(self.ask(holder, "check"), "check false")
        self.assert_tidy()


if __name__ == "__main__":
    unittest.main()
