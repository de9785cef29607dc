"""The table of judgement vectors, run on real directories with injected facts about processes."""
import errno
import json
import os
import tempfile

from locksteps import (ABSENT, DEAD, EMPTY, FILE, FOREIGN, HELD, PROTOCOL, RESERVED, STALE, TAKEOVER, Place, Settings,
                       barrier, clean, judge, observe, record, write_file)

T, U = "a" * 32, "b" * 32
HERE = {"hostname": "here", "bootId": "b1", "pidNamespace": "pid:[1]", "timeNamespace": "time:[1]", "machineId": "m1"}
FAR = {"hostname": "far", "bootId": "b2", "pidNamespace": "pid:[1]", "machineId": "m2"}
SHIFTED, CLOCKLESS = {**HERE, "timeNamespace": "time:[2]"}, {k: v for k, v in HERE.items() if k != "timeNamespace"}
ALIVE, NONE, OTHER, EPERM, ALIEN = ("alive", "5"), ("absent", None), ("alive", "6"), ("forbidden", None), ("unknown", None)
FULL = (f"claim.{T}", "owner.json", "heartbeat")
WORKER = {"worker": {"pid": 78, "startTime": "5"}}
PID, WORKER_PID = 77, 78
VECTORS = [  # number, entries (None: no L, an octal string: the mode of an empty one, "file", "fifo"; NAME|: a FIFO),
    # changes to owner.json, pid (and worker's), heartbeat age, quiet, verdict, evidence
    ("1", None, {}, NONE, 0, 0, ABSENT, "none"),
    ("2", "0555", {}, NONE, 0, 5, RESERVED, "none"),
    ("3", "0555", {}, NONE, 0, 121, TAKEOVER, "none"),
    ("3a", "0755", {}, NONE, 0, 9999, EMPTY, "operator"),
    ("3b", "0756", {}, NONE, 0, 0, DEAD, "none"),
    ("4", FULL[1:], {}, NONE, 1, 0, DEAD, "none"),
    ("5", FULL, {}, ALIVE, 500, 0, HELD, "old"),
    ("6", FULL, {}, NONE, 1, 0, STALE, "dead"),
    ("7", FULL, {}, OTHER, 1, 0, STALE, "dead"),
    ("8", FULL, {}, EPERM, 1, 0, HELD, "none"),
    ("9", FULL, {"process": {**HERE, "pidNamespace": "pid:[2]"}}, NONE, 1, 0, HELD, "none"),
    ("10", FULL, {"process": FAR}, NONE, 1, 60, HELD, "none"),
    ("11", FULL, {"process": FAR}, NONE, 130, 10, HELD, "old"),
    ("12", FULL, {"process": FAR}, NONE, 130, 23, STALE, "old"),
    ("13", FULL, {"process": FAR}, NONE, -3600, 121, STALE, "future"),
    ("14", FULL, {"process": {**HERE, "bootId": "b0"}}, NONE, 3, 23, STALE, "reboot"),
    ("15", (f"claim.{U}", "owner.json", "heartbeat"), {}, NONE, 1, 0, HELD, "none"),
    ("16", (f"claim.{U}",), {}, NONE, 0, 119, HELD, "none"),
    ("17", FULL, {"process": FAR, "staleAfterMs": 600000}, NONE, 300, 121, HELD, "none"),
    ("18", FULL, {"protocol": PROTOCOL[:-1] + "2"}, NONE, 900, 900, HELD, "operator"),
    ("19", (f"claim.{T}", f"claim.{U}"), {}, NONE, 0, 0, FOREIGN, "operator"),
    ("20", ("notes.txt",), {}, NONE, 0, 0, FOREIGN, "operator"),
    ("21", (".nfs0001",), {}, NONE, 0, 0, DEAD, "none"),
    ("22", "file", {}, NONE, 0, 9999, FILE, "operator"),
    ("23", "fifo", {}, NONE, 0, 0, FOREIGN, "operator"),
    ("24", (f"claim.{T}|", *FULL[1:]), {}, NONE, 1, 0, FOREIGN, "operator"),
    ("25", (FULL[0], "owner.json|", "heartbeat"), {}, NONE, 1, 0, FOREIGN, "operator"),
    ("26", (*FULL[:2], "heartbeat|"), {}, NONE, 0, 0, FOREIGN, "operator"),
    ("27", FULL, {}, ALIEN, 1, 0, HELD, "none"),
    ("28", FULL, {"process": SHIFTED}, OTHER, 1, 0, HELD, "none"),
    ("29", FULL, {"process": CLOCKLESS}, OTHER, 1, 0, HELD, "none"),
    ("30", FULL, {"process": SHIFTED}, NONE, 1, 0, STALE, "dead"),
    ("31", FULL, WORKER, (NONE, ALIVE), 900, 900, HELD, "working"),
    ("32", FULL, WORKER, (NONE, NONE), 1, 0, STALE, "dead"),
    ("33", FULL, WORKER, (ALIVE, NONE), 1, 0, HELD, "none"),
    ("34", FULL, WORKER, (NONE, OTHER), 1, 0, STALE, "dead"),
    ("35", FULL, {"worker": {"startTime": "5"}}, NONE, 1, 0, HELD, "none"),
]


def make(place, entries, changes, age):
    if entries == "file":
        write_file(place.lock, b"", os.O_EXCL, False)
    elif entries == "fifo":
        os.mkfifo(place.lock)
    elif isinstance(entries, str):
        os.mkdir(place.lock)
        os.chmod(place.lock, int(entries, 8))
    elif entries is not None:
        os.mkdir(place.lock)
        owner = json.loads(record(place, T, Settings(), {**HERE, "pid": PID, "startTime": "5"}))
        owner.update(changes)
        owner["process"] = {"pid": PID, "startTime": "5", **owner["process"]}
        for name in entries:
            path = os.path.join(place.lock, name.rstrip("|"))
            if name.endswith("|"):
                os.mkfifo(path)
                continue
            data = json.dumps(owner) if name == "owner.json" else f"{T} 1\n" if name == "heartbeat" else ""
            write_file(path, data.encode(), os.O_EXCL, False)
        if "heartbeat" in entries:
            then = barrier(place) - int(age * 1e9)
            os.utime(place.beat, ns=(then, then))


def run_vector(folder, row):
    """None, or what went wrong. Real files, real ages (set by utime, which no participant would do)."""
    _, entries, changes, pids, age, quiet, *expected = row
    place = Place(os.path.join(folder, "test.db"))
    make(place, entries, changes, age)
    process, worker = pids if isinstance(pids[0], tuple) else (pids, NONE)
    known = {PID: process, WORKER_PID: worker}
    found = judge(observe(place), HERE, known.__getitem__, quiet, Settings())
    if found != tuple(expected):
        return f"expected {expected}, found {found}"

    def busy(path, dir_fd=None):  # what an NFS client says of a file that somebody still has open
        if ".nfs" in path:
            raise OSError(errno.EBUSY, "busy", path)
        os.unlink(path, dir_fd=dir_fd)
    after = clean(place, busy)
    kind = {STALE: HELD, TAKEOVER: RESERVED}.get(expected[0], expected[0])
    expected_after = ABSENT if expected[0] == DEAD else kind
    return None if after == expected_after else f"after clean: expected {expected_after}, found {after}"


def run_all(say):
    bad = 0
    for row in VECTORS:
        number = row[0]
        with tempfile.TemporaryDirectory() as folder:
            wrong = run_vector(folder, row)
        say(f"vector {number} ok" if wrong is None else f"FAIL vector {number}: {wrong}")
        bad += wrong is not None
    return 1 if bad else 0
