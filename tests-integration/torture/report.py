"""The table of all runs. Its data are the lines of a file beside it, so that several commands add to one table."""
import dataclasses
import datetime
import fcntl
import json
import os
import platform
import re
import sqlite3
import subprocess
import threading

from cell import LAUNCHER
from faults import ALL, FAULTS

SUMS = ("faults", "acknowledged", "reads", "denied", "unknown")
HEAD = """| mount | fault | mode | runs | minutes | faults | acknowledged | reads | denied | unknown | violations | recovery (s) | promises |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|
"""
SUMMARY = """| mount | mode | minutes | acknowledged | violations | |
|---|---|---:|---:|---:|---|
"""


def version(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.SubprocessError, IndexError):
        return "unknown"


def versions():
    return "; ".join((version([LAUNCHER, "--version"]), f"SQLite {sqlite3.sqlite_version} in Python and the checker",
                      f"Linux {platform.release().split('-')[0]}", "guests Linux " + version(["linux.uml", "--version"])))


class Table:
    def __init__(self, path, command):
        self.path, self.command, self.versions = os.path.abspath(path), command, versions()
        self.data = os.path.splitext(self.path)[0] + ".jsonl"
        self.mutex, self.ran, self.broken = threading.Lock(), 0, 0
        os.makedirs(os.path.dirname(self.path), exist_ok=True)

    def add(self, outcome):
        self.ran += 1
        self.broken += bool(outcome.violations)
        self.write(dataclasses.asdict(outcome))

    def skip(self, what, why):
        self.write({"skipped": what, "why": why})

    def write(self, line):
        now = datetime.datetime.now(datetime.timezone.utc)
        text = without_paths(json.dumps({**line, "at": f"{now:%Y-%m-%d %H:%M}", "command": self.command,
                                         "versions": self.versions}))
        with self.mutex:
            print(text, flush=True)
            with open(self.data, "a", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(text + "\n")
                file.flush()
                render(self.data, self.path)

    def status(self):
        return 1 if self.broken else 0 if self.ran else 77


def minutes(group):
    return f"{sum(o['seconds'] for o in group) / 60:.1f}"


def total(group, name):
    return sum(o[name] if name in SUMS else len(o[name]) for o in group)


def grouped(outcomes, *names):
    """In the order of the mounts and faults, whenever they were run."""
    groups = {}
    for outcome in outcomes:
        groups.setdefault(tuple(outcome[name] for name in names), []).append(outcome)
    order = {name: i for i, name in enumerate([*ALL, *FAULTS])}
    return sorted(groups.items(), key=lambda item: [(order.get(word.partition(",")[0], -1), word) for word in item[0]])


def summary(outcomes):
    text = SUMMARY
    for (mount, mode), group in grouped(outcomes, "mount", "mode"):
        broken, written = total(group, "violations"), total(group, "acknowledged")
        word = "**refused**" if broken else "fine" if written else "**unusable**"
        text += f"| {mount} | {mode} | {minutes(group)} | {written} | {broken} | {word} |\n"
    return text


def cells(outcomes):
    text = HEAD
    for key, group in grouped(outcomes, "mount", "fault", "mode"):
        recovery = max((o["recovery"] for o in group if o["recovery"] is not None), default=None)
        text += "| " + " | ".join(map(str, (
            *key, len(group), minutes(group), *(total(group, name) for name in (*SUMS, "violations")),
            "-" if recovery is None else f"{recovery:.1f}",
            "**broken**" if total(group, "violations") else "kept"))) + " |\n"
    return text


def render(data, path):
    with open(data, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    outcomes = [line for line in lines if "mount" in line]
    hours = sum(o["seconds"] for o in outcomes) / 3600
    text = "# What was run\n\n" + summary(outcomes) + "\n"
    text += f"{len(outcomes)} runs, {hours:.1f} hours of them, {total(outcomes, 'acknowledged')} acknowledged writes.\n\n"
    text += "".join(f"- {line}\n" for line in provenance(lines)) + "\n" + cells(outcomes) + "\n"
    for key, group in grouped(outcomes, "mount", "fault", "mode"):
        for line in [v for o in group for v in o["violations"]][:2] + [o["note"] for o in group if o["note"]][:1]:
            text += f"- {', '.join(key)}: {shorten(line)}\n"
    text += "".join(sorted({f"- not run: {line['skipped']}: {shorten(line['why'])}\n" for line in lines if "skipped" in line}))
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def provenance(lines):
    """When, by which command, with which versions."""
    seen = {}
    for line in lines:
        seen.setdefault((line["command"], line["versions"]), []).append(line["at"])
    return [f"{min(times)} to {max(times)} UTC: `{command}`; {which}" for (command, which), times in seen.items()]


def without_paths(text):
    """Without the places of one machine."""
    return re.sub(r"(/[\w.-]+)+/(?=[\w.-])", ".../", text)


def shorten(text):
    return re.sub(r"\s+", " ", text).replace("|", "/")[:260]
