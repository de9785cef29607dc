#!/usr/bin/env python3
"""The Python participant (../participant) behind the line protocol of the conformance kit."""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "participant"))
import locksteps as ls  # noqa: E402
import participant  # noqa: E402

SETTINGS, ME = ls.Settings(), ls.identity()


class Answers:
    def __init__(self):
        self.place = self.token = self.connection = self.session = self.seen = None

    def hello(self):
        return f"hello {ls.PROTOCOL} trusted sleeps beats names"

    def open(self, *words):
        self.place = ls.Place(" ".join(words))
        return "done"

    def judge(self, *words):
        facts = dict(word.split("=", 1) for word in words)
        me = {"hostname": facts["hostname"], "bootId": facts["boot"], "pidNamespace": facts["namespace"],
              "timeNamespace": facts["timens"], "machineId": facts["machine"]}
        seen = ls.observe(self.place)
        worker = (seen.owner or {}).get("worker") or {}

        def look_up(pid):
            if facts.get("proc") == "alien":
                return "unknown", None
            state, _, start = facts["worker" if pid == worker.get("pid") else "process"].partition(":")
            return state, start or None
        return "verdict " + " ".join(ls.judge(seen, me, look_up, float(facts["quiet"]), SETTINGS))

    def look(self):
        self.seen = ls.observe(self.place)
        return "verdict " + " ".join(ls.judge(self.seen, ME, ls.pid_state, 0, SETTINGS))

    def take_over(self):
        done = ls.take_over(self.place, self.token, self.seen) and ls.surely_check(self.place, self.token)
        return "true" if done else "false"

    def break_(self):
        return ls.break_lock(self.place, self.seen.token, self.seen)

    def prepare(self):
        self.token = ls.prepare(self.place, SETTINGS, ME)
        return f"prepared {self.token}"

    def reserve(self):
        return "yes" if ls.quietly(ls.reserve, self.place) else "no"

    def publish(self):
        ls.publish(self.place, self.token)
        return "done"

    def check(self):
        return "true" if ls.surely_check(self.place, self.token) else "false"

    def beat(self):
        return "true" if ls.heartbeat(self.place, self.token, 1, SETTINGS, ME) else "false"

    def wake(self, seconds):
        monotonic, wall = self.session.stamp
        self.session.stamp = monotonic, wall - float(seconds)  # the one that goes on while a host sleeps
        return "true" if self.session.beat() else "false"

    def release(self):
        if self.session:
            self.session.stop_beating()
        ls.release(self.place, self.token)
        return "done"

    def unlink_claim(self, token):
        ls.remove_claim(self.place, token)
        return "done"

    def clean(self):
        ls.clean(self.place)
        return self.classify()

    def classify(self):
        kind, token, _ = ls.classify(self.place)
        return f"class {kind}" + (f" {token}" if token else "")

    def acquire(self, seconds):
        try:
            self.session = participant.acquire(self.place, SETTINGS, ME, float(seconds))
            self.token = self.session.token
            self.session.start_beating()
            return f"acquired {self.token}"
        except participant.Unavailable:
            return "busy"

    # --- SQLite ------------------------------------------------------------------------------------------------

    def run(self, sql):
        if self.connection is None:
            self.connection = participant.connect(self.place, 0)
        return self.connection.execute(sql).fetchone()

    def drain(self):
        self.run("BEGIN IMMEDIATE")
        self.run("COMMIT")
        return "done"

    def begin(self):
        self.run("BEGIN IMMEDIATE")
        return "done"

    def set(self, value):
        self.run(f"UPDATE counter SET n = {int(value)}")
        return "done"

    def read(self):
        return "value %d" % self.run("SELECT n FROM counter")

    def commit(self):
        self.run("COMMIT")
        return "done"

    def rollback(self):
        self.run("ROLLBACK")
        return "done"


def main():
    answers = Answers()
    for line in sys.stdin:
        word, *rest = line.split()
        word = "break_" if word == "break" else word
        try:
            print(getattr(answers, word.replace("-", "_"))(*rest), flush=True)
        except sqlite3.OperationalError as error:
            print("busy" if "locked" in str(error) else f"error {error}", flush=True)
        except (OSError, AttributeError, TypeError, ValueError) as error:
            print(f"error {error}", flush=True)


if __name__ == "__main__":
    main()
