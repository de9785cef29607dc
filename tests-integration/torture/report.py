"""The table of all runs, written anew after each."""
import datetime
import json
import os
import platform
import sqlite3
import subprocess
import threading

from cell import LAUNCHER, as_line


def version(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.SubprocessError, IndexError):
        return "unknown"


class Table:
    def __init__(self, path, command):
        self.path, self.command, self.outcomes, self.skipped = os.path.abspath(path), command, [], []
        self.mutex, self.started = threading.Lock(), datetime.datetime.now(datetime.timezone.utc)
        self.versions = [version([LAUNCHER, "--version"]), f"Python's SQLite {sqlite3.sqlite_version}",
                         f"Linux {platform.release()}", "guests Linux " + version(["linux.uml", "--version"])]
        os.makedirs(os.path.dirname(self.path), exist_ok=True)

    def add(self, outcome):
        with self.mutex:
            self.outcomes.append(outcome)
            print(as_line(outcome), flush=True)
            self.write()

    def skip(self, what, why):
        with self.mutex:
            self.skipped.append((what, why))
            print(json.dumps({"skipped": what, "why": why}), flush=True)
            self.write()

    def write(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.write(self.text())
        os.replace(self.path + ".new", self.path)

    def status(self):
        if not self.outcomes:
            return 77
        return 1 if any(outcome.violations for outcome in self.outcomes) else 0

    def text(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        lines = ["| mount | fault | mode | runs | minutes | faults | acknowledged | reads | unknown | violations | recovery (s) |",
                 "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
        groups = {}
        for outcome in self.outcomes:
            groups.setdefault((outcome.mount, outcome.fault, outcome.mode), []).append(outcome)
        for key, group in groups.items():
            recovery = max((o.recovery for o in group if o.recovery is not None), default=None)
            total = [sum(getattr(o, name) for o in group) for name in ("faults", "acknowledged", "reads", "unknown")]
            lines.append("| " + " | ".join(map(str, (*key, len(group), f"{sum(o.seconds for o in group) / 60:.1f}", *total,
                                                     sum(len(o.violations) for o in group),
                                                     "-" if recovery is None else f"{recovery:.1f}"))) + " |")
        lines += ["", f"{self.started:%Y-%m-%d %H:%M} to {now:%H:%M} UTC, `{self.command}`; " + "; ".join(self.versions) + ".", ""]
        lines += [f"- Not run: {what}: {why}" for what, why in self.skipped]
        for key, group in groups.items():
            first = [v for o in group for v in o.violations][:2] + [o.note for o in group if o.note][:1]
            lines += [f"- {', '.join(key)}: {line[:300]}" for line in first]
        return "\n".join(lines) + "\n"
