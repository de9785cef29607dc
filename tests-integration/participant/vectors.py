"""The table of judgement vectors, run on real directories with injected facts about processes."""
import errno
import json
import os
import tempfile

from locksteps import (ABSENT, DEAD, EMPTY, FOREIGN, HELD, PROTOCOL, STALE, TAKEOVER, Place, Settings, barrier,
                       clean, judge, observe, record, write_file)

T, U, HERE = "a" * 32, "b" * 32, {"hostname": "here", "bootId": "b1", "pidNamespace": "pid:[1]", "machineId": "m1"}
FAR = {"hostname": "far", "bootId": "b2", "pidNamespace": "pid:[1]", "machineId": "m2"}
ALIVE, NONE, OTHER, EPERM = ("alive", "5"), ("absent", None), ("alive", "6"), ("forbidden", None)
FULL = (f"claim.{T}", "owner.json", "heartbeat")
VECTORS = [  # entries (None: no L, str: a file), changes to owner.json, pid, heartbeat age, quiet, verdict, evidence
    (None, {}, NONE, 0, 0, ABSENT, "none"),
    ((), {}, NONE, 0, 5, EMPTY, "none"),
    ((), {}, NONE, 0, 121, TAKEOVER, "none"),
    (FULL[1:], {}, NONE, 1, 0, DEAD, "none"),
    (FULL, {}, ALIVE, 500, 0, HELD, "old"),
    (FULL, {}, NONE, 1, 0, STALE, "dead"),
    (FULL, {}, OTHER, 1, 0, STALE, "dead"),
    (FULL, {}, EPERM, 1, 0, HELD, "none"),
    (FULL, {"process": {**HERE, "pidNamespace": "pid:[2]"}}, NONE, 1, 0, HELD, "none"),
    (FULL, {"process": FAR}, NONE, 1, 60, HELD, "none"),
    (FULL, {"process": FAR}, NONE, 130, 10, HELD, "old"),
    (FULL, {"process": FAR}, NONE, 130, 23, STALE, "old"),
    (FULL, {"process": FAR}, NONE, -3600, 121, STALE, "future"),
    (FULL, {"process": {**HERE, "bootId": "b0"}}, NONE, 3, 23, STALE, "reboot"),
    ((f"claim.{U}", "owner.json", "heartbeat"), {}, NONE, 1, 0, HELD, "none"),
    ((f"claim.{U}",), {}, NONE, 0, 119, HELD, "none"),
    (FULL, {"process": FAR, "staleAfterMs": 600000}, NONE, 300, 121, HELD, "none"),
    (FULL, {"protocol": PROTOCOL[:-1] + "2"}, NONE, 900, 900, HELD, "operator"),
    ((f"claim.{T}", f"claim.{U}"), {}, NONE, 0, 0, FOREIGN, "operator"),
    (("notes.txt",), {}, NONE, 0, 0, FOREIGN, "operator"),
    ((".nfs0001",), {}, NONE, 0, 0, DEAD, "none"),
    ("", {}, NONE, 0, 0, FOREIGN, "operator"),
]


def run_vector(folder, row):
    """None, or what went wrong. Real files, real ages (set by utime, which no participant would do)."""
    entries, changes, pid, age, quiet, *expected = row
    place, settings = Place(os.path.join(folder, "test.db")), Settings()
    if isinstance(entries, str):
        write_file(place.lock, b"", os.O_EXCL, False)
    elif entries is not None:
        os.mkdir(place.lock)
        owner = json.loads(record(place, T, settings, {**HERE, "pid": 77, "startTime": "5"}))
        owner.update(changes)
        owner["process"] = {"pid": 77, "startTime": "5", **owner["process"]}
        for name in entries:
            data = json.dumps(owner) if name == "owner.json" else f"{T} 1\n" if name == "heartbeat" else ""
            write_file(os.path.join(place.lock, name), data.encode(), os.O_EXCL, False)
        if "heartbeat" in entries:
            then = barrier(place) - int(age * 1e9)
            os.utime(place.beat, ns=(then, then))
    found = judge(observe(place), HERE, lambda _: pid, quiet, settings)
    if found != tuple(expected):
        return f"expected {expected}, found {found}"

    def busy(path):  # what an NFS client says of a file that somebody still has open
        if ".nfs" in path:
            raise OSError(errno.EBUSY, "busy", path)
        os.unlink(path)
    after = clean(place, busy)
    kind = {STALE: HELD, TAKEOVER: EMPTY}.get(expected[0], expected[0])
    expected_after = ABSENT if expected[0] == DEAD else kind
    return None if after == expected_after else f"after clean: expected {expected_after}, found {after}"


def run_all(say):
    bad = 0
    for number, row in enumerate(VECTORS, 1):
        with tempfile.TemporaryDirectory() as folder:
            wrong = run_vector(folder, row)
        say(f"vector {number} ok" if wrong is None else f"FAIL vector {number}: {wrong}")
        bad += wrong is not None
    return 1 if bad else 0
