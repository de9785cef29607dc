"""A person at the shell: a process behind a pseudo-terminal, typed at and looked at."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

LAUNCHER = os.environ["SQLITE_SAFE_LAUNCHER"]
PATIENCE = 300  # only for a test that fails

CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b[=>78M]|[\r\x0e\x0f]")


class Person:
    """Types keys and waits for what appears; looks only at what came after the last thing seen."""

    def __init__(self, *arguments, environment=None, rows=24, columns=100, ignored=()):
        """ignored: signals that the program finds ignored when it starts, whatever the test runner's are"""
        variables = {**os.environ, "TERM": "xterm-256color", "PAGER": "cat", **(environment or {})}
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            try:
                for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
                os.execve(LAUNCHER, [LAUNCHER, "shell", *map(str, arguments)], variables)
            finally:
                os._exit(127)
        self.resize(rows, columns)
        self.raw = b""
        self.seen = 0
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.kill()
        os.close(self.terminal)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def text(self):
        return CONTROL.sub("", self.raw.decode("utf-8", "replace"))

    def _read(self, wait):
        if select.select([self.terminal], [], [], wait)[0]:
            try:
                data = os.read(self.terminal, 1 << 16)
            except OSError:  # the other end is closed
                return False
            self.raw += data
            return bool(data)
        return True

    def sees(self, *wanted):
        """Waits for the first of these to appear and returns what came up to its end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            text = self.text()
            places = [(text.find(w, self.seen), w) for w in wanted]
            found = [(at, w) for at, w in places if at >= 0]
            if found:
                at, w = min(found)
                before, self.seen = text[self.seen : at + len(w)], at + len(w)
                return before
            if not self._read(0.2) or time.monotonic() > deadline:
                text = self.text()
                if not any(text.find(w, self.seen) >= 0 for w in wanted):
                    raise AssertionError("no %r in %r" % (wanted, text[self.seen :]))

    def types(self, keys):
        os.write(self.terminal, keys.encode())

    def enters(self, line):
        self.types(line + "\r")

    def interrupts(self):
        self.types("\x03")

    def ends(self):
        """Waits for the end of the process; a negative status is the number of a signal."""
        deadline = time.monotonic() + PATIENCE
        while self.status is None:
            self._read(0.05)
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise AssertionError("does not end: %r" % self.text()[self.seen :])
        while self._read(0.05) and select.select([self.terminal], [], [], 0)[0]:
            pass
        return self.status

    def leaves(self):
        self.types("\x04")
        return self.ends()

    def signals(self, number):
        os.kill(self.child, number)

    def kill(self):
        self.signals(signal.SIGKILL)
        return self.ends()


def safe(*arguments, **options):
    """The program without a terminal."""
    return subprocess.run(
        [LAUNCHER, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, **options
    )
