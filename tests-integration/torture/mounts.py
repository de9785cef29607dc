"""The laboratory (../lab), and programs on its sides."""
import json
import os
import queue
import signal
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "..", "lab", "lab")
PYTHON = "/usr/bin/python3"
GUESTS = ("nfs42", "nfs40", "nfs3", "nfs3-nolock", "smb", "smb-nobrl")
CLIENT_LOST = 255


class Skipped(Exception):
    """This machine cannot do it; the text says why."""


def lab(*words, check=True):
    """Runs the laboratory's command; its output."""
    # Files, not pipes: a server that stays in the background would keep a pipe open for ever.
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"lab-output-{os.getpid()}-{threading.get_ident()}")
    try:
        with open(path, "w+", encoding="utf-8", errors="replace") as out:
            done = subprocess.run([LAB, *map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
            out.seek(0)
            text = out.read()
    finally:
        os.unlink(path)
    if done.returncode == 77:
        raise Skipped(text.strip())
    if check and done.returncode:
        raise RuntimeError(f"lab {' '.join(map(str, words))}: {text.strip()[-400:]}")
    return text


class Mount:
    """A kind of mount with its two sides."""

    def __init__(self, kind):
        self.kind, self.remote = kind, kind in GUESTS
        lines = [line.split(" ", 1) for line in lab("up", kind).splitlines()]
        self.folders = {line[0]: line[1] for line in lines if line[0] in ("a", "b")}

    def command(self, side, argv):
        return [LAB, "exec", self.kind, side, *argv] if self.remote else list(argv)

    def path(self, side, name):
        return os.path.join(self.folders[side], name)

    def fault(self, side, name):
        lab("fault", self.kind, side, name)

    def seed(self, path):
        lab("seed", self.kind, path)

    def fetch(self, name, destination):
        lab("fetch", self.kind, name, destination)

    def down(self):
        lab("down", self.kind, check=False)


class Program:
    """A program on a side. Its answers are JSON lines; anything else it says is kept for messages."""

    def __init__(self, mount, side, argv, environment=None):
        self.mount, self.side, self.stopped = mount, side, False
        self.lines, self.noise = queue.Queue(), []
        self.process = subprocess.Popen(
            mount.command(side, argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", start_new_session=True, env={**os.environ, **(environment or {})})
        self.readers = [threading.Thread(target=self.listen, daemon=True), threading.Thread(target=self.drain, daemon=True)]
        for reader in self.readers:
            reader.start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def drain(self):
        for line in self.process.stderr:
            self.noise = [*self.noise[-5:], line.strip()]

    def say(self, **members):
        try:
            self.process.stdin.write(json.dumps(members) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # its end shows when its answer is read

    def answer(self, end):
        """The next JSON line; None when the program has ended or the time is over."""
        try:
            while True:
                line = self.lines.get(timeout=max(0.05, end - time.monotonic()))
                if line is None:
                    return None
                if line.startswith(("{", "[")):
                    return json.loads(line)
                self.noise = [*self.noise[-5:], line.strip()]
        except (queue.Empty, ValueError):
            return None

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    # In a guest it is the client here that gets the signals, and passes them on.
    def stop(self):
        self.stopped = True
        self.signal(signal.SIGUSR1 if self.mount.remote else signal.SIGSTOP)

    def resume(self):
        self.stopped = False
        self.signal(signal.SIGUSR2 if self.mount.remote else signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            pass  # in the hands of a frozen file system; it dies when that is thawed

    def wait(self, seconds):
        """The exit status, or None when it has to be killed."""
        try:
            status = self.process.wait(seconds)
            for reader in self.readers:
                reader.join(2)
            return status
        except subprocess.TimeoutExpired:
            self.kill()
            return None
