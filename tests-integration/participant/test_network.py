"""Tests of network-exclusive mode: the sequence vectors S8, S10 and S11, and what belongs to them."""
import contextlib
import dataclasses
import os
import sqlite3
import tempfile
import unittest

import locksteps as ls
import network
import participant

SETTINGS = ls.Settings(access="network-exclusive")


class NetworkExclusive(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.db = os.path.join(folder.name, "test.db")
        with contextlib.closing(sqlite3.connect(self.db)) as connection:
            connection.executescript("CREATE TABLE counter(n); INSERT INTO counter VALUES (0)")
        self.place, self.me = ls.Place(self.db), ls.identity()
        os.mkdir(self.place.readers)

    def acquire(self):
        return participant.acquire(self.place, SETTINGS, self.me, 0)

    def publish(self, session, value, before_rename=lambda: None):
        return network.publish_commit(self.place, session, lambda c: c.execute("UPDATE counter SET n = ?", (value,)),
                                      before_rename)[0]

    def value(self):
        with contextlib.closing(sqlite3.connect(self.db)) as connection:
            return connection.execute("SELECT n FROM counter").fetchone()[0]

    def leftovers(self):
        return [name for name in os.listdir(self.place.dir) if name not in ("test.db", "test.db.lock.readers")]

    def test_a_commit_is_the_release(self):
        self.assertTrue(self.publish(self.acquire(), 5))
        network.tidy(self.place)
        self.assertEqual((self.value(), self.leftovers()), (5, []))

    def test_modes_are_not_mixed(self):
        with self.assertRaises(participant.Unavailable):
            participant.acquire(self.place, ls.Settings(), self.me, 0)
        os.rmdir(self.place.readers)
        with self.assertRaises(participant.Unavailable):
            self.acquire()

    def test_s8_broken_before_the_rename(self):
        session = self.acquire()
        self.assertFalse(self.publish(session, 5, lambda: ls.break_lock(self.place, session.token)))
        self.assertEqual((self.value(), self.leftovers()), (0, []))

    def test_broken_before_the_claim_is_filled(self):
        session = self.acquire()
        ls.break_lock(self.place, session.token)
        with self.assertRaises(network.Lost):
            self.publish(session, 5)
        self.assertEqual((self.value(), self.leftovers()), (0, []))

    def test_s10_a_reader_leaves_to_a_writer(self):
        """The writer comes between the reader's marker and its look at the lock."""
        session = []

        def barrier(place, folder=None):
            if not folder and not session and os.listdir(place.readers):
                session.append(self.acquire())
            return original(place, folder)
        original = network.barrier
        network.barrier = barrier
        self.addCleanup(setattr, network, "barrier", original)
        with self.assertRaises(TimeoutError):
            with network.SharedRead(self.place, SETTINGS, self.me, 0):
                self.fail("it reads while a writer has the lock")
        network.drain_readers(self.place, session[0], SETTINGS, self.me, 0)
        self.assertTrue(self.publish(session[0], 1))

    def test_a_writer_waits_for_a_reader(self):
        with network.SharedRead(self.place, SETTINGS, self.me, 0) as read:
            session = self.acquire()
            with self.assertRaises(TimeoutError):
                network.drain_readers(self.place, session, SETTINGS, self.me, 0)
            read.validate()
        network.drain_readers(self.place, session, SETTINGS, self.me, 0)
        ls.release(self.place, session.token)

    def test_s11_a_broken_reader_finds_out(self):
        with network.SharedRead(self.place, SETTINGS, self.me, 0) as read:
            os.unlink(network.marker(self.place, read.token))
            with self.assertRaises(network.Lost):
                read.validate()

    def test_killed_right_after_the_commit_keeps_nobody_out(self):
        """The commit takes the claim away; a late cleaner had taken the rest. Without the mark it would look like another's lock."""
        session = self.acquire()
        for path in (self.place.owner, self.place.beat):
            os.unlink(path)
        self.assertTrue(self.publish(session, 5))  # and here it is killed
        self.assertEqual((os.listdir(self.place.lock), ls.classify(self.place)[0]), ([], ls.DEAD))
        self.assertTrue(self.publish(self.acquire(), 6))

    def test_a_reader_takes_a_reservation_over_and_gives_it_back(self):
        ls.reserve(self.place)
        waiting = ls.prepare(self.place, SETTINGS, self.me)
        settings = dataclasses.replace(SETTINGS, empty_grace=0)
        with network.SharedRead(self.place, settings, self.me, 5):
            self.assertFalse(os.path.exists(self.place.new(waiting)))
            self.assertEqual(ls.classify(self.place)[0], ls.ABSENT)

    def test_a_reader_waits_for_another_programs_lock(self):
        os.mkdir(self.place.lock)
        with self.assertRaises(TimeoutError):
            with network.SharedRead(self.place, dataclasses.replace(SETTINGS, empty_grace=0), self.me, 0):
                self.fail("it reads while another program has the lock")
        self.assertEqual(os.listdir(self.place.lock), [])

    def test_a_mark_of_the_mode_that_is_no_directory_is_refused(self):
        os.rmdir(self.place.readers)
        os.mkfifo(self.place.readers)
        for settings in (SETTINGS, ls.Settings()):
            with self.assertRaises(participant.Unavailable):
                participant.acquire(self.place, settings, self.me, 0)

    def test_dead_is_not_enough_here(self):
        """Quiet times of this mode: dead needs the confirm time, old and reboot the stale limit."""
        alone = {"pid": 77, "startTime": "5", "hostname": "h", "bootId": "b", "pidNamespace": "p", "machineId": "m"}
        for process, age, quiet, verdict in ((alone, 1, 0, ls.HELD), (alone, 1, 22, ls.STALE),
                                             ({**alone, "bootId": "x"}, 1, 22, ls.HELD),
                                             ({**alone, "bootId": "x"}, 1, 120, ls.STALE),
                                             ({**alone, "hostname": "x", "bootId": "x"}, 500, 22, ls.HELD)):
            owner = {"protocol": ls.PROTOCOL, "ownerId": "h:77:" + "a" * 32, "process": process}
            seen = ls.Seen(ls.HELD, "a" * 32, owner, age)
            self.assertEqual(ls.judge(seen, alone, lambda _: ("absent", None), quiet, SETTINGS)[0], verdict)


if __name__ == "__main__":
    unittest.main()
