"""Who this process is, and what it can prove about others (sections 3 and 6)."""
import contextlib
import hashlib
import os
import pathlib
import socket
import sys

PROTOCOL = "sqlite-session-safe.lock.v1"


def read_text(path):
    try:
        return pathlib.Path(path).read_text(errors="replace").strip() or None
    except (OSError, ValueError):
        return None


def read_link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def stat_fields(who):
    """Fields of /proc/<who>/stat from the third on: the command's name may hold blanks and brackets."""
    return (read_text(f"/proc/{who}/stat") or "").rpartition(")")[2].split()


def is_own(link, status, pid):
    """Whether a /proc counts pids as this process does. A link that is right by chance is given away by NSpid."""
    names = [line.split()[1:] for line in (status or "").splitlines() if line.startswith("NSpid:")]
    return link == str(pid) and (not names or names[0] == [str(pid)])


def proc_is_own():
    return is_own(read_link("/proc/self"), read_text("/proc/self/status"), os.getpid())


def identity():
    """The `process` member of this process. What cannot be found out is left out, and then proves nothing."""
    machine, fields = read_text("/etc/machine-id"), stat_fields("self")
    facts = {"pid": os.getpid(), "hostname": socket.gethostname(),
             "startTime": fields[19] if proc_is_own() and len(fields) > 19 else None,
             "bootId": read_text("/proc/sys/kernel/random/boot_id"),
             "pidNamespace": read_link("/proc/self/ns/pid"), "timeNamespace": read_link("/proc/self/ns/time"),
             "machineId": machine and hashlib.sha256(f"{PROTOCOL}:{machine}".encode()).hexdigest()}
    return {key: value for key, value in facts.items() if value is not None}


def pid_state(pid):
    """("absent" | "alive" | "forbidden" | "unknown", start time or None)."""
    if not proc_is_own():
        return "unknown", None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "absent", None
    except (PermissionError, OverflowError):
        return "forbidden", None
    fields = stat_fields(pid)
    if fields and fields[0] in "ZX" and threads(pid) <= 1:
        return "absent", None
    return "alive", fields[19] if len(fields) > 19 else None


def threads(pid):
    with contextlib.suppress(OSError):
        return len(os.listdir(f"/proc/{pid}/task"))
    return 0


def state_of(process, same_clock, look_up):
    """"gone", "there" or "unknown": a member with pid and startTime."""
    pid = process.get("pid")
    if not isinstance(pid, int) or isinstance(pid, bool) or not 1 <= pid <= sys.maxsize:
        return "unknown"
    state, started = look_up(pid)
    if state in ("absent", "forbidden"):
        return "gone" if state == "absent" else "there"
    recorded = process.get("startTime")
    if state == "alive" and (None in (recorded, started) or recorded == started):
        return "there"
    return "gone" if state == "alive" and same_clock else "unknown"


def life(owner, me, look_up):
    """"dead", "working" (the process is gone, its worker is there) or "unknown", by the pids in a record."""
    process = owner.get("process")
    if not isinstance(process, dict):
        return "unknown"
    # Only a pid of this very boot and namespace can be looked up here; anything else would be a guess.
    if not all(isinstance(process.get(k), str) and process[k] == me.get(k) for k in ("bootId", "pidNamespace")):
        return "unknown"
    same_clock = process.get("timeNamespace") == me.get("timeNamespace")
    if state_of(process, same_clock, look_up) != "gone":
        return "unknown"
    if "worker" not in owner:
        return "dead"
    worker = owner["worker"] if isinstance(owner["worker"], dict) else {}
    return {"gone": "dead", "there": "working"}.get(state_of(worker, same_clock, look_up), "unknown")
