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
import time
import unittest

import evidence
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
        ls.reserve(self.place)
        ls.publish(self.place, token)
        self.assertTrue(ls.check(self.place, token))
        return token

    def take_over(self, seen=None):
        """The token of somebody who takes over the reservation that is there, or was seen; None if he must not."""
        token = ls.prepare(self.place, self.settings, self.me)
        if ls.take_over(self.place, token, seen or ls.observe(self.place)):
            self.assertTrue(ls.check(self.place, token))
            return token
        return None

    def acquire(self, **options):
        return participant.acquire(self.place, self.settings, self.me, **{"wait": 0, **options})


class Judgement(unittest.TestCase):

    def test_vectors(self):
        self.assertEqual(len(vectors.VECTORS), 37)
        for row in vectors.VECTORS:
            with self.subTest(row[0]), tempfile.TemporaryDirectory() as folder:
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
        ls.reserve(self.place)
        u = self.take_over()
        ls.publish(self.place, t)
        self.assertFalse(ls.check(self.place, t))
        self.assertFalse(os.path.exists(self.place.new(t)))
        self.assertTrue(ls.check(self.place, u))

    def test_s3_publishing_twice(self):
        t = self.publish_new()
        ls.publish(self.place, t)
        self.assertTrue(ls.check(self.place, t))

    def test_s4_a_reservation_is_left_alone_until_the_grace_is_over(self):
        ls.reserve(self.place)
        with self.assertRaises(participant.Unavailable):
            self.acquire()
        self.assertEqual(ls.classify(self.place)[0], ls.RESERVED)
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

    def test_s13_a_worker_is_added_between_the_look_and_the_break(self):
        with subprocess.Popen([sys.executable, "-c", ""]) as killed:
            pass
        self.me = {**self.me, "pid": killed.pid}
        t = self.publish_new()
        seen = ls.observe(self.place)
        self.assertEqual(ls.judge(seen, ls.identity(), ls.pid_state, 0, self.settings), (ls.STALE, "dead"))
        owner = {**seen.owner, "worker": {"pid": os.getpid()}}
        ls.replace(self.place, t, self.place.owner, json.dumps(owner).encode())
        self.assertEqual(ls.break_lock(self.place, t, seen), "changed")
        self.assertEqual(ls.judge(ls.observe(self.place), ls.identity(), ls.pid_state, 999, self.settings), (ls.HELD, "working"))

    def test_s14_a_late_publication_spares_the_lock_of_another_program(self):
        t = ls.prepare(self.place, self.settings, self.me)
        ls.reserve(self.place)
        ls.release(self.place, self.take_over())
        os.mkdir(self.place.lock)  # a foreign locker's
        theirs = os.stat(self.place.lock).st_ino
        ls.publish(self.place, t)
        self.assertEqual((os.stat(self.place.lock).st_ino, os.listdir(self.place.lock)), (theirs, []))

    def test_s15_the_lock_of_another_program_is_waited_for(self):
        for make, remove in ((os.mkdir, os.rmdir), (lambda path: open(path, "x", encoding="ascii").close(), os.unlink)):
            make(self.place.lock)
            os.utime(self.place.lock, (0, 0))
            with self.assertRaisesRegex(participant.Unavailable, "another program"):
                self.acquire()
            self.assertEqual(self.run_it("break", self.db)[0], 11)
            self.assertTrue(os.path.exists(self.place.lock))
            waiting = self.start("increment", self.db, "--count", "1")
            while not any(".lock.new." in name for name in os.listdir(self.folder)):
                self.assertIsNone(waiting.poll())
            remove(self.place.lock)
            self.assertEqual(waiting.wait(), 0)
        self.assert_counter(2)

    def test_s16_a_holder_shows_life_to_those_who_look_at_times(self):
        holder, token = self.hold("--heartbeat")
        before = os.stat(self.place.lock).st_mtime_ns, os.stat(self.place.claim(token)).st_ctime_ns
        end = time.monotonic() + 60
        while time.monotonic() < end:
            now = os.stat(self.place.lock).st_mtime_ns, os.stat(self.place.claim(token)).st_ctime_ns
            if now[0] > before[0] and now[1] > before[1]:
                break
            time.sleep(0.1)
        self.assertLess(now[0] - before[0], 5e9)
        self.assertGreater(now[1], before[1])
        self.assertEqual(self.ask(holder, "release"), "released")
        self.assert_tidy()

    def test_s17_killed_right_after_the_claim_went(self):
        """And a late cleaner of another lock has left nothing else in it."""
        u = self.publish_new()
        for name in ("owner.json", "heartbeat"):
            os.unlink(os.path.join(self.place.lock, name))
        ls.remove_claim(self.place, u)
        self.assertEqual((os.listdir(self.place.lock), ls.classify(self.place)[0]), ([], ls.DEAD))
        self.acquire().release()
        self.assert_tidy()

    def test_s18_a_reservation_made_anew_is_another(self):
        ls.reserve(self.place)
        seen = ls.observe(self.place)
        ls.release(self.place, self.take_over())
        while True:
            ls.reserve(self.place)
            if ls.observe(self.place).value[3] != seen.value[3]:  # by the clock of the file system
                break
            os.rmdir(self.place.lock)
        self.assertIsNone(self.take_over(seen))
        self.assertEqual(ls.classify(self.place)[0], ls.RESERVED)

    def test_the_breaker_of_a_reservation_takes_it_over(self):
        ls.reserve(self.place)
        waiting = ls.prepare(self.place, self.settings, self.me)
        self.assertEqual(self.run_it("break", self.db, "--empty-grace", "0")[:2], (0, "free\n"))
        self.assertFalse(os.path.exists(self.place.new(waiting)))
        self.assert_tidy()

    def test_a_late_rmdir_looks_first(self):
        """O8: what a cleaner has listed, and what is there when it wants to remove it."""
        ls.remove_claim(self.place, self.publish_new())
        with ls.opened(self.place) as (fd, _):
            ls.clean(self.place)
            os.mkdir(self.place.lock)  # a foreign locker's
            ls.remove_folder(self.place, fd)
        self.assertTrue(os.path.isdir(self.place.lock))

    def test_a_file_with_another_name_is_refused(self):
        os.link(self.db, os.path.join(self.folder, "other.db"))
        with self.assertRaisesRegex(participant.Unavailable, "hard link"):
            self.acquire()
        self.assert_tidy()

    def test_a_link_made_while_it_waited_is_found(self):
        other = os.path.join(self.folder, "other.db")
        publish = participant.publish
        self.addCleanup(setattr, participant, "publish", publish)
        participant.publish = lambda *args: (os.link(self.db, other), publish(*args))
        with self.assertRaisesRegex(participant.Unavailable, "hard link"):
            self.acquire()
        self.assert_tidy()

    def test_pipes_hang_nobody(self):
        t = self.publish_new()
        for path in (self.place.beat, self.place.owner):
            os.unlink(path)
            os.mkfifo(path)
        self.assertEqual(self.run_it("increment", self.db, "--count", "1", "--wait", "0")[0], 11)
        self.assertEqual(ls.classify(self.place)[0], ls.FOREIGN)
        self.assertTrue(ls.heartbeat(self.place, t, 1, self.settings, self.me))  # replaces both
        self.assertEqual(ls.observe(self.place).owner["ownerId"].rpartition(":")[2], t)
        os.unlink(self.place.claim(t))
        os.mkfifo(self.place.claim(t))
        self.assertFalse(ls.check(self.place, t))
        self.assertFalse(ls.heartbeat(self.place, t, 2, self.settings, self.me))

    def test_owner_and_modes_are_those_of_the_database(self):
        mask = os.umask(0o077)
        self.addCleanup(os.umask, mask)
        os.chmod(self.db, 0o664)
        if os.getuid() == 0:
            os.chown(self.db, 65534, 65534)
        t = self.publish_new()
        wanted = os.stat(self.db)
        for path, mode in ((self.place.lock, 0o775), (self.place.owner, 0o664), (self.place.beat, 0o664),
                           (self.place.claim(t), 0o664)):
            found = os.stat(path)
            self.assertEqual((found.st_uid, found.st_gid, found.st_mode & 0o7777), (wanted.st_uid, wanted.st_gid, mode), path)

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


class Evidence(unittest.TestCase):

    def test_whose_proc_it_is(self):
        status = "Name:\tx\nNSpid:\t%s\n"
        for link, names, own in (("7", "7", True), ("700", "700\t7", False), ("7", "7\t7", False), (None, "7", False)):
            self.assertEqual(evidence.is_own(link, status % names, 7), own, (link, names))
        self.assertTrue(evidence.is_own("7", None, 7))
        self.assertTrue(evidence.proc_is_own())

    def inside(self, options, script):
        words = ["unshare", *options, "--fork", sys.executable, "-c", "import evidence\n" + script]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=os.path.dirname(PROGRAM))
        if done.returncode:
            self.skipTest(f"unshare {options}: {done.stderr.strip()}")
        return done.stdout.split()

    def test_nobody_is_dead_by_the_proc_of_an_outer_namespace(self):
        script = "me = evidence.identity()\nprint(evidence.pid_state(99999)[0], 'startTime' in me)"
        self.assertEqual(self.inside(["--pid"], script), ["unknown", "False"])
        self.assertEqual(self.inside(["--pid", "--mount-proc"], script), ["absent", "True"])

    def test_start_times_of_another_time_namespace_prove_nothing(self):
        script = f"print(evidence.life({{'process': {evidence.identity()!r}}}, evidence.identity(), evidence.pid_state))"
        self.assertEqual(self.inside(["--time", "--boottime", "100000"], script), ["unknown"])

    def test_a_file_mounted_under_another_name_has_one(self):
        script = ("import files, os, subprocess, tempfile\n"
                  "folder = os.path.realpath(tempfile.mkdtemp())\n"
                  "one, two = (os.path.join(folder, name) for name in ('one.db', 'it is two.db'))\n"
                  "for path in (one, two): open(path, 'w').close()\n"
                  "subprocess.run(['mount', '--bind', one, two], check=True)\n"
                  "print(*(files.Place(path).other_name() is not None for path in (one, two)))\n"
                  "subprocess.run(['umount', two], check=True)\n"
                  "for path in (one, two): os.unlink(path)\n"
                  "os.rmdir(folder)\n")
        self.assertEqual(self.inside(["--mount"], script), ["False", "True"])

    def test_a_zombie_is_dead(self):
        with subprocess.Popen([sys.executable, "-c", ""]) as process:
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.assertEqual(evidence.pid_state(process.pid)[0], "absent")


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
