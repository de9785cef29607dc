"""Tortures the lock and the program on the mounts of the laboratory.

    python3 tests-integration/torture [--hours N | --rounds N] [--mounts A,B] [--faults A,B] [--modes A,B]
                                      [--seconds N] [--broken HOW] [--foreign] [--stalls SHARE] [--table FILE]

Every cell of mount x fault x mode is run for --seconds (default 45), again and again for --hours, or --rounds times (default 1).
Every outcome is added to the table (default target/torture.md) and to its data beside it (.jsonl), which other commands may
use at the same time. Exit status 1 when a promise was broken, 77 when
nothing could be run. --broken: with a wrong lock (see worker.py), which must be found out.
"""
import argparse
import os
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True
import cell as cells  # noqa: E402
import report  # noqa: E402
from faults import ALL, FAULTS, faults_of  # noqa: E402
from mounts import GUESTS, HERE, Mount, Skipped  # noqa: E402


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--mounts", default=",".join(ALL))
    parser.add_argument("--faults", default=",".join(FAULTS))
    parser.add_argument("--modes", default="trusted")
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--broken")
    parser.add_argument("--foreign", action="store_true", help="one participant locks by SQLite's dotfile locking instead (with "
                        "the fault none: who is killed leaves a lock that only an operator may remove)")
    parser.add_argument("--stalls", type=float, help="how many of the participants' operations stop for long, 0 to 1")
    parser.add_argument("--table", default=os.path.join(HERE, "..", "target", "torture.md"))
    args = parser.parse_args()
    for name in ("mounts", "faults", "modes"):
        setattr(args, name, getattr(args, name).split(","))
    unknown = (set(args.mounts) - set(ALL)) | (set(args.faults) - set(FAULTS))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; mounts: {', '.join(ALL)}; faults: {', '.join(FAULTS)}")
    return args


def without_table(words):
    """Where the table lies says nothing about what was done."""
    return [w for i, w in enumerate(words) if not w.startswith("--table") and (i == 0 or words[i - 1] != "--table")]


class Run:
    def __init__(self, args):
        self.args, self.table = args, report.Table(args.table, " ".join(["torture", *without_table(sys.argv[1:])]))
        self.cells = set()
        self.end = None if args.hours is None else time.monotonic() + args.hours * 3600

    def time_is_over(self):
        return self.end is not None and time.monotonic() > self.end

    def rounds(self, kinds):
        """Guests are dear to start: their mounts stay until the last one is done."""
        done = 0
        while not self.time_is_over() and (self.end is not None or done < self.args.rounds):
            mounts = []
            try:
                for kind in kinds:
                    self.run_kind(kind, mounts)
            finally:
                for mount in mounts:
                    mount.down()
            done += 1

    def run_kind(self, kind, mounts):
        try:
            mount = Mount(kind)
        except (Skipped, RuntimeError) as trouble:
            self.table.skip(kind, str(trouble))
            return
        if kind in GUESTS:
            mounts.append(mount)
        try:
            for fault in faults_of(kind):
                for mode in self.args.modes:
                    if fault in self.args.faults and not self.time_is_over():
                        self.run_cell(mount, fault, mode)
        finally:
            if kind not in GUESTS:
                mount.down()

    def run_cell(self, mount, fault, mode):
        cell = cells.Cell(mount, fault, mode, self.args.seconds, self.args.broken, self.args.stalls, self.args.foreign)
        self.cells.add(cell)
        try:
            self.table.add(cell.run())
        except (RuntimeError, Skipped) as trouble:
            self.table.skip(f"{mount.kind}, {fault}, {mode}", str(trouble))
        finally:
            self.cells.discard(cell)

    def stop(self, *_):
        """Every cell is brought to its end, and every mount down."""
        self.end = 0.0
        for cell in list(self.cells):
            cell.over.set()


def main():
    args = parse()
    run = Run(args)
    signal.signal(signal.SIGTERM, run.stop)
    signal.signal(signal.SIGINT, run.stop)
    lanes = [[k for k in args.mounts if k not in GUESTS], [k for k in args.mounts if k in GUESTS]]
    threads = [threading.Thread(target=run.rounds, args=(lane,)) for lane in lanes if lane]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return run.table.status()


if __name__ == "__main__":
    sys.exit(main())
