"""The interactive shell, by a person at a real pseudo-terminal. Run by ShellIT."""

import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import unittest

from terminal import LAUNCHER, Person, safe

FOREVER = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r) "


class ShellTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        os.environ["XDG_STATE_HOME"] = str(self.folder / "state")
        self.db = self.folder / "app.db"
        with sqlite3.connect(self.db) as connection:
            connection.execute("CREATE TABLE stock(id INTEGER PRIMARY KEY, item TEXT, n INT)")
            connection.execute("INSERT INTO stock(item, n) VALUES('bolt', 40), ('日本', 2)")
        connection.close()

    def value(self, sql):
        connection = sqlite3.connect(self.db)
        try:
            return connection.execute(sql).fetchone()[0]
        finally:
            connection.close()

    def nothing_is_left(self):
        beside = sorted(p.name for p in self.folder.iterdir() if p.name.startswith("app.db"))
        self.assertEqual(["app.db"], beside)

    def at_the_prompt(self, *arguments, **options):
        person = Person(self.db, *arguments, **options)
        self.addCleanup(person.__exit__)
        person.sees("app.db> ")
        return person

    def test_a_conversation(self):
        person = self.at_the_prompt()
        person.enters("SELECT item,")
        person.sees("...> ")
        person.enters("  n FROM stock;")
        shown = person.sees("app.db> ")
        self.assertIn("| bolt | 40 |", shown)
        self.assertIn("| 日本 | 2  |", shown)
        person.enters("SELEC 1;")
        shown = person.sees("app.db> ")
        self.assertIn('error: near "SELEC": syntax error', shown)
        self.assertIn("did you mean SELECT?", shown)
        person.enters("UPDATE stock SET n = 41 WHERE id = 1;")
        person.sees("app.db> ")
        self.assertEqual(41, self.value("SELECT n FROM stock WHERE id = 1"))
        self.assertEqual(0, person.leaves())
        self.nothing_is_left()

    def test_ctrl_c_although_the_signal_was_ignored_at_the_start(self):
        for ignored in (signal.SIGINT,), (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            person = self.at_the_prompt(ignored=ignored)
            person.enters(FOREVER + "SELECT max(i) FROM r;")
            person.sees("FROM r;")
            self.becomes_busy(person.child)
            person.interrupts()
            person.sees("interrupted")
            person.sees("app.db> ")
            self.assertEqual(0, person.leaves())
        self.nothing_is_left()

    def test_a_terminal_without_a_size(self):
        person = self.at_the_prompt(rows=0, columns=0)
        person.enters("SELECT n FROM stock WHERE id = 1;")
        self.assertIn("| 40 |", person.sees("app.db> "))
        self.assertEqual(0, person.leaves())

    def test_the_session_in_the_docs(self):
        page = (pathlib.Path(__file__).parents[2] / "docs" / "shell.md").read_text()
        session = page.split("```text\napp.db> ")[1].split("```")[0]
        with sqlite3.connect(self.db) as connection:
            connection.execute("DELETE FROM stock")
            connection.execute("INSERT INTO stock VALUES(1,'bolt, 5/8\"',40),(2,'nut',100),(3,'washer',250)")
        connection.close()
        person = self.at_the_prompt()
        lines = ("app.db> " + session).splitlines()
        prompts = ("app.db> ", "app.db*> ", "   ...> ")
        entries = [i for i, line in enumerate(lines) if line.startswith(prompts)]
        self.assertGreater(len(entries), 6)
        for i, after in zip(entries, entries[1:] + [len(lines)]):
            prompt = next(p for p in prompts if lines[i].startswith(p))
            person.enters(lines[i][len(prompt):])
            following = next((p for p in prompts if after < len(lines) and lines[after].startswith(p)), "app.db> ")
            shown = iter(person.sees(following).splitlines())
            for expected in lines[i + 1 : after]:
                self.assertTrue(expected.rstrip() in (s.rstrip() for s in shown), expected)

    def test_tab_completes_names(self):
        person = self.at_the_prompt()
        person.types("DELETE FROM sto\t")
        person.sees("stock")
        person.types(" WHERE it\t")
        person.sees("item")
        person.enters(" = 'bolt';")
        person.sees("app.db> ")
        self.assertEqual(1, self.value("SELECT count(*) FROM stock"))

    def test_what_was_typed_is_remembered_but_for_what_begins_with_a_blank(self):
        person = self.at_the_prompt()
        person.enters("SELECT 'remember me';")
        person.sees("app.db> ")
        person.enters(" SELECT 'forget me';")
        person.sees("app.db> ")
        person.leaves()
        history = self.folder / "state" / "sqlite-safe" / "history"
        self.assertIn("remember me", history.read_text())
        self.assertNotIn("forget me", history.read_text())
        self.assertEqual(0o600, history.stat().st_mode & 0o777)
        person = self.at_the_prompt()
        person.types("\x12remem")  # reverse search
        person.sees("remember me")
        person.types("\r")
        person.sees("| remember me   |")

    def test_a_transaction_holds_the_lock_and_shows_it(self):
        person = self.at_the_prompt()
        person.enters("BEGIN;")
        person.sees("app.db*> ")
        person.enters("DELETE FROM stock;")
        person.sees("app.db*> ")
        person.sees("lock held for ")
        refused = safe("write", "--wait", "0", self.db, "SELECT 1")
        self.assertEqual(11, refused.returncode)
        self.assertIn("(shell)", refused.stderr)
        other = subprocess.Popen([LAUNCHER, "write", self.db, "UPDATE stock SET n = 0"])
        person.sees("others are waiting")
        person.enters("ROLLBACK;")
        person.sees("app.db> ")
        self.assertEqual(0, other.wait())
        self.assertEqual(0, self.value("SELECT sum(n) FROM stock"))
        person.leaves()
        self.nothing_is_left()

    def test_leaving_rolls_back(self):
        person = self.at_the_prompt()
        person.enters("BEGIN; DELETE FROM stock;")
        person.sees("app.db*> ")
        self.assertEqual(0, person.leaves())
        self.assertEqual(2, self.value("SELECT count(*) FROM stock"))
        self.nothing_is_left()

    # ---- Ctrl-C in every state ---------------------------------------------------------------

    def test_interrupting_an_entry_gives_it_up(self):
        person = self.at_the_prompt()
        person.enters("SELECT 1 +")
        person.sees("...> ")
        person.interrupts()
        person.sees("app.db> ")
        person.enters("SELECT 'still here';")
        person.sees("| still here   |")

    def test_interrupting_a_statement_stops_only_that(self):
        person = self.at_the_prompt()
        person.enters(FOREVER + "SELECT max(i) FROM r;")
        person.sees("FROM r;")
        self.becomes_busy(person.child)
        person.interrupts()
        person.sees("interrupted")
        person.sees("app.db> ")
        person.enters("BEGIN; DELETE FROM stock;")
        person.sees("app.db*> ")
        person.enters(FOREVER + "SELECT max(i) FROM r;")
        person.sees("FROM r;")
        self.becomes_busy(person.child)
        person.interrupts()
        person.sees("interrupted")
        person.sees("app.db*> ")
        person.enters("COMMIT;")
        person.sees("app.db> ")
        self.assertEqual(0, self.value("SELECT count(*) FROM stock"))

    def test_interrupting_a_writing_statement_undoes_it(self):
        person = self.at_the_prompt()
        person.enters("INSERT INTO stock(n) " + FOREVER + "SELECT max(i) FROM r;")  # takes no room
        person.sees("FROM r;")
        self.becomes_busy(person.child)
        person.interrupts()
        person.sees("interrupted")
        person.sees("app.db> ")
        self.assertEqual(2, self.value("SELECT count(*) FROM stock"))
        self.assertEqual("free", self.verdict())

    def test_interrupting_waiting_gives_it_up(self):
        holder = subprocess.Popen(
            [LAUNCHER, "with-lock", self.db, "--", "sh", "-c", "echo in; read line"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.addCleanup(holder.communicate)
        holder.stdout.readline()
        person = self.at_the_prompt()
        person.enters("DELETE FROM stock;")
        person.sees("waiting for the lock")
        person.sees("held by pid %d" % holder.pid)
        person.interrupts()
        person.sees("interrupted")
        person.sees("app.db> ")
        person.enters("SELECT count(*) FROM stock;")  # reading needs no lock
        person.sees("| 2        |")

    def becomes_busy(self, pid):
        """Waits until the process burns processor time, which at the prompt it does not."""

        def spent():
            with open("/proc/%d/stat" % pid) as stat:
                fields = stat.read().rsplit(") ", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        start = spent()
        while spent() < start + 50:
            pass

    def verdict(self):
        return safe("inspect-lock", self.db).stdout.split("verdict")[1].split()[0].rstrip(":")

    # ---- ends that nobody chose --------------------------------------------------------------

    def test_undoing_asks_first(self):
        person = self.at_the_prompt()
        person.enters(f".capture on {self.folder / 'changes'}")
        person.sees("app.db> ")
        person.enters("UPDATE stock SET n = 0 WHERE id = 1;")
        person.sees("app.db> ")
        person.enters(".undo")
        person.sees("[y/N] ")
        person.enters("n")
        self.assertIn("nothing was changed", person.sees("app.db> "))
        self.assertEqual(0, self.value("SELECT n FROM stock WHERE id = 1"))
        person.enters(".undo")
        person.sees("[y/N] ")
        person.enters("y")
        self.assertIn("undone: 1 change of", person.sees("app.db> "))
        self.assertEqual(40, self.value("SELECT n FROM stock WHERE id = 1"))
        self.assertEqual(0, person.leaves())
        self.nothing_is_left()
        self.assertTrue((self.folder / "changes.0002").exists())

    def test_control_c_is_no_yes(self):
        person = self.at_the_prompt()
        person.enters(f".capture on {self.folder / 'changes'}")
        person.sees("app.db> ")
        person.enters("UPDATE stock SET n = 0 WHERE id = 1;")
        person.sees("app.db> ")
        for gives_up in (person.interrupts, lambda: person.types("\x04"), lambda: person.types("y\x03")):
            person.enters(".undo")
            person.sees("[y/N] ")
            gives_up()
            self.assertIn("nothing was changed", person.sees("app.db> "))
            self.assertEqual(0, self.value("SELECT n FROM stock WHERE id = 1"))
        self.assertEqual(0, person.leaves())
        self.assertFalse((self.folder / "changes.0002").exists())
        self.nothing_is_left()

    def test_a_killed_shell_keeps_nobody_out(self):
        person = self.at_the_prompt()
        person.enters("BEGIN; DELETE FROM stock;")
        person.sees("app.db*> ")
        self.assertEqual(-signal.SIGKILL, person.kill())
        written = safe("write", self.db, "UPDATE stock SET n = 7")
        self.assertEqual(0, written.returncode, written.stderr)
        self.assertIn("broke the lock", written.stderr)
        self.assertEqual(14, self.value("SELECT sum(n) FROM stock"))
        self.nothing_is_left()

    def test_a_terminated_shell_rolls_back_and_releases(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            person = self.at_the_prompt()
            person.enters("BEGIN; DELETE FROM stock;")
            person.sees("app.db*> ")
            person.signals(number)
            self.assertEqual(143, person.ends())
            self.assertEqual(2, self.value("SELECT count(*) FROM stock"))
            self.nothing_is_left()

    def test_a_broken_lock_is_told_at_once(self):
        person = self.at_the_prompt("--heartbeat-interval", "1s")
        person.enters("BEGIN; DELETE FROM stock;")
        person.sees("app.db*> ")
        token = safe("inspect-lock", self.db).stdout.split("token")[1].split()[0]
        self.assertEqual(
            0, safe("break-stale", self.db, "--owner", token, "--force").returncode
        )
        person.sees("the lock was broken")
        written = safe("write", self.db, "UPDATE stock SET n = 7")
        self.assertEqual(0, written.returncode, written.stderr)
        person.enters("COMMIT;")
        person.sees("app.db> ")
        self.assertEqual(2, self.value("SELECT count(*) FROM stock"))

    def test_an_idle_transaction_is_rolled_back(self):
        person = self.at_the_prompt("--idle-rollback", "2s")
        person.enters("BEGIN; DELETE FROM stock;")
        person.sees("app.db*> ")
        person.sees("nothing has happened in this transaction")
        person.sees("rolled back: the transaction was idle")
        person.sees("app.db> ")
        self.assertEqual(2, self.value("SELECT count(*) FROM stock"))
        self.nothing_is_left()

    # ---- several at once ---------------------------------------------------------------------

    def test_two_shells_take_turns(self):
        first, second = self.at_the_prompt(), self.at_the_prompt()
        first.enters("BEGIN; UPDATE stock SET n = n + 1;")
        first.sees("app.db*> ")
        second.enters("UPDATE stock SET n = n * 10;")
        second.sees("waiting for the lock")
        first.enters("COMMIT;")
        first.sees("app.db> ")
        second.sees("app.db> ")
        self.assertEqual((41 + 3) * 10, self.value("SELECT sum(n) FROM stock"))
        first.enters("SELECT sum(n) FROM stock;")
        first.sees("| 440    |")

    def test_a_shell_against_writers_in_a_loop(self):
        loop = 'for i in 1 2 3 4 5 6 7 8; do "$0" write "$1" "UPDATE stock SET n = n + 1 WHERE id = 1" || exit; done'
        writers = [subprocess.Popen(["sh", "-c", loop, LAUNCHER, self.db]) for _ in range(2)]
        person = self.at_the_prompt()
        for _ in range(8):
            person.enters("UPDATE stock SET n = n + 1 WHERE id = 1;")
            person.sees("app.db> ")
        for writer in writers:
            self.assertEqual(0, writer.wait())
        self.assertEqual(40 + 24, self.value("SELECT n FROM stock WHERE id = 1"))

    # ---- the terminal ------------------------------------------------------------------------

    def test_the_window_may_change(self):
        person = self.at_the_prompt(rows=10, columns=30)
        person.types("SELECT 'a rather long line that needs some rows of a narrow window'")
        person.resize(40, 120)
        person.enters(" AS x;")
        person.sees("| a rather long line that needs some rows of a narrow window |")
        person.resize(5, 20)
        person.enters("SELECT 1 AS y;")
        person.sees("app.db> ")
        self.assertEqual(0, person.leaves())

    def test_a_dumb_terminal_and_no_colour(self):
        for environment in ({"TERM": "dumb"}, {"NO_COLOR": "1"}):
            person = Person(self.db, environment={"TERM": "xterm-256color", **environment})
            self.addCleanup(person.__exit__)
            person.sees("app.db> ")
            person.enters("SELECT 'x' AS y;")
            person.sees("| x |")
            person.sees("app.db> ")
            self.assertNotIn(b"\x1b[36", person.raw)  # the colour of keywords
            self.assertNotIn(b"\x1b[1;36", person.raw)
            self.assertEqual(0, person.leaves())

    def test_a_long_result_goes_through_the_pager(self):
        pager = self.folder / "pager"
        pager.write_text('#!/bin/sh\nhead -n 3\nwc -l > "%s/rest"\n' % self.folder)
        pager.chmod(0o755)
        person = self.at_the_prompt(environment={"PAGER": str(pager)})
        person.enters(FOREVER + "SELECT i FROM r LIMIT 5000;")
        person.sees("|  i   |")
        person.sees("app.db> ")
        # what head read ahead is not counted; the pager was there, and read to the end
        self.assertTrue((self.folder / "rest").exists())
        person.enters("SELECT 'short';")
        person.sees("| short   |")

    def test_a_pager_that_is_left_ends_the_statement(self):
        person = self.at_the_prompt(environment={"PAGER": "head -n 3"})
        person.enters(FOREVER + "SELECT i FROM r LIMIT 20000000;")  # would take far longer than the test
        person.sees("|  i   |")
        person.sees("app.db> ")

    def test_a_million_rows_to_a_pager_take_no_memory(self):
        person = self.at_the_prompt(
            environment={"PAGER": "tail -n 2", "SQLITE_SAFE_JAVA_OPTS": "-Xmx48m"}
        )
        person.enters(".mode list")
        person.sees("app.db> ")
        person.enters(FOREVER + "SELECT i, 'some text to make the row longer' FROM r LIMIT 1000000;")
        person.sees("1000000|some text")
        person.sees("app.db> ")


if __name__ == "__main__":
    unittest.main()
