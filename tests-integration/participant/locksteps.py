"""The lock itself: looking at it, judging it, and the file steps that take, keep, break and clear it.

Every function here is one step, so that a test can stop between two of them and let somebody else act.
Names follow the text: D is the database, P its directory, L = D.lock, N(t) = D.lock.new.<t>.
"""
import contextlib
import dataclasses
import datetime
import errno
import hashlib
import json
import os
import pathlib
import re
import secrets
import socket
import sys
import time

PROTOCOL = "sqlite-session-safe.lock.v1"
ABSENT, HELD, DEAD, EMPTY, FOREIGN = "ABSENT", "HELD", "DEAD", "EMPTY", "FOREIGN"
STALE, TAKEOVER = "STALE", "TAKEOVER"  # verdicts only: HELD or EMPTY for long enough
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
CLAIM = re.compile(r"claim\.([0-9a-f]{32})")
KNOWN_NAME = re.compile(r"owner\.json|heartbeat|(claim|tmp)\.[0-9a-f]{32}|x-.*|\.(nfs|fuse_hidden).*", re.DOTALL)
SILLY = (".nfs", ".fuse_hidden")  # what is left of a file that was unlinked while open
OWNER_LIMIT = 64 * 1024
SWEEP_FROM, SWEEP_AGE = 5, 24 * 3600


@dataclasses.dataclass(frozen=True)
class Settings:
    stale_after: float = 120.0
    heartbeat_interval: float = 10.0
    confirm: float = 22.0
    empty_grace: float = 120.0
    fsync_all: bool = False
    access: str = "trusted"

    @property
    def network(self):
        return self.access == "network-exclusive"


class Place:
    """All names, from the file itself: two symbolic links to one file must meet in one lock."""

    def __init__(self, database):
        self.db = os.path.realpath(database)
        self.dir, self.name = os.path.split(self.db)
        self.lock = self.db + ".lock"
        self.owner = os.path.join(self.lock, "owner.json")
        self.beat = os.path.join(self.lock, "heartbeat")
        self.readers = self.lock + ".readers"

    def new(self, token):
        return f"{self.lock}.new.{token}"

    def claim(self, token):
        return os.path.join(self.lock, "claim." + token)

    def new_claim(self, token):
        return os.path.join(self.new(token), "claim." + token)


# --- single file steps -------------------------------------------------------------------------------------

def quietly(step, *args):
    """Runs a step whose reply means nothing; whoever needs the outcome looks afterwards."""
    try:
        step(*args)
        return True
    except OSError:
        return False


def write_file(path, data, flag, sync):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flag, 0o666)
    with open(fd, "wb", buffering=0) as file:
        file.write(data)
        if sync:
            os.fsync(fd)


def read_file(path, limit):
    """(content, mtime in ns), or None when there is no such file. Never blocks on a planted FIFO."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return file.read(limit + 1), os.fstat(file.fileno()).st_mtime_ns
    except OSError as error:
        if error.errno in GONE or error.errno == errno.EISDIR:
            return None
        raise


def opens(path):
    """True, False, or None for "cannot tell". Opening asks the server where stat may answer from a cache."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return True
    except OSError as error:
        return False if error.errno in GONE else None


def barrier(place, folder=None):
    """Makes a caching client look at P (or at a folder in it) again; returns the file system's own time in ns."""
    probe = f"{place.lock}.probe.{secrets.token_hex(8)}"
    if folder:
        probe = os.path.join(folder, os.path.basename(probe))
    write_file(probe, b"", os.O_EXCL, False)
    try:
        return os.stat(probe).st_mtime_ns
    finally:
        quietly(os.unlink, probe)


def check(place, token):
    """Is the claim still there? True, False or None (unknown, and then nobody may commit)."""
    if not quietly(barrier, place):
        return None
    return opens(place.claim(token))


def surely_check(place, token, limit=10.0):
    """CHECK, repeated while the answer is unknown."""
    end = time.monotonic() + limit
    while (state := check(place, token)) is None:
        if time.monotonic() > end:
            raise OSError(errno.EIO, "cannot tell whether the lock is still held", place.claim(token))
        time.sleep(0.1)
    return state


# --- who we are, who they are ------------------------------------------------------------------------------

def read_text(path):
    try:
        return pathlib.Path(path).read_text(errors="replace").strip() or None
    except (OSError, ValueError):
        return None


def start_time(pid):
    stat = read_text(f"/proc/{pid}/stat")  # the command name may hold blanks and brackets: cut at the last one
    return stat.rpartition(")")[2].split()[19] if stat else None


def pid_state(pid):
    """("absent" | "alive" | "forbidden", start time or None)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "absent", None
    except (PermissionError, OverflowError):
        return "forbidden", None
    return "alive", start_time(pid)


def identity():
    """The `process` member of this process. What cannot be found out is left out, and then proves nothing."""
    machine = read_text("/etc/machine-id")
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = None
    facts = {"pid": os.getpid(), "hostname": socket.gethostname(), "startTime": start_time(os.getpid()),
             "bootId": read_text("/proc/sys/kernel/random/boot_id"), "pidNamespace": namespace,
             "machineId": machine and hashlib.sha256(f"{PROTOCOL}:{machine}".encode()).hexdigest()}
    return {key: value for key, value in facts.items() if value is not None}


def record(place, token, settings, me, created=None, mode="write"):
    """The bytes of owner.json, and of a reader's marker."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({
        "protocol": PROTOCOL, "ownerId": f"{me['hostname']}:{me['pid']}:{token}", "target": place.name,
        "mode": mode, "access": settings.access, "createdAt": created or now, "updatedAt": now,
        "heartbeatIntervalMs": int(settings.heartbeat_interval * 1000),
        "staleAfterMs": int(settings.stale_after * 1000),
        "software": "sqlite-safe participant.py", "process": me}, indent=1).encode() + b"\n"


def read_owner(path):
    """The object in owner.json; None when missing, too large or not a JSON object."""
    try:
        found = read_file(path, OWNER_LIMIT)
        if not found or len(found[0]) > OWNER_LIMIT:
            return None
        owner = json.loads(found[0].decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return owner if isinstance(owner, dict) else None


def speaks_about(owner, token):
    """A record left by, or written late by, another session says nothing about this claim."""
    return bool(owner) and "protocol" in owner and str(owner.get("ownerId")).endswith(":" + token)


# --- looking -----------------------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Seen:
    kind: str
    token: str | None = None
    owner: dict | None = None    # only if it speaks about the token
    age: float | None = None     # of the heartbeat, by the file system's clock
    value: tuple = ()            # what must stay the same for the quiet time to run


def classify(place):
    """(class, token, names) of L, from one listing of one directory that cannot be exchanged meanwhile."""
    try:
        fd = os.open(place.lock, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ESTALE):
            return ABSENT, None, []
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            return FOREIGN, None, []
        raise
    try:
        names = os.listdir(fd)
    except OSError as error:
        if error.errno in GONE:
            return ABSENT, None, []
        raise
    finally:
        os.close(fd)
    if not names:
        return EMPTY, None, names
    claims = [match[1] for match in map(CLAIM.fullmatch, names) if match]
    if len(claims) > 1 or not all(map(KNOWN_NAME.fullmatch, names)):
        return FOREIGN, None, names
    if claims:
        return HELD, claims[0], names
    owner = read_owner(place.owner) if "owner.json" in names else None
    if owner is not None and not re.search(r":[0-9a-f]{32}\Z", str(owner.get("ownerId"))):
        return FOREIGN, None, names
    return DEAD, None, names


def observe(place):
    kind, token, _ = classify(place)
    if kind == EMPTY:
        try:
            stat = os.lstat(place.lock)
            return Seen(kind, value=(kind, stat.st_dev, stat.st_ino, stat.st_mtime_ns))
        except OSError:
            return Seen(kind, value=(kind, secrets.token_hex(4)))
    if kind != HELD:
        return Seen(kind, value=(kind,))
    beat = read_file(place.beat, 4096)
    owner = read_owner(place.owner)
    try:
        age = (barrier(place) - beat[1]) / 1e9 if beat else None
    except OSError:
        age = None  # no clock, no age; the quiet time still works
    return Seen(kind, token, owner if speaks_about(owner, token) else None, age, (token, beat or "missing"))


class Watch:
    """Counts how long nothing changed. Time between samples is capped: a pause of ours is not their silence."""

    def __init__(self, place, settings):
        self.place, self.cap = place, settings.heartbeat_interval
        self.value, self.quiet, self.last = None, 0.0, 0.0

    def sample(self, look=None):
        start = time.monotonic()
        seen = look() if look else observe(self.place)
        self.quiet = self.quiet + min(start - self.last, self.cap) if seen.value == self.value else 0.0
        self.value, self.last = seen.value, time.monotonic()
        return seen, self.quiet


# --- judging -----------------------------------------------------------------------------------------------

def in_range(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def proves_dead(process, me, pid_state):
    """Only a pid of this very boot and namespace can be looked up here; anything else would be a guess."""
    if not all(isinstance(process.get(k), str) and process[k] == me.get(k) for k in ("bootId", "pidNamespace")):
        return False
    if not in_range(process.get("pid"), 1, sys.maxsize):
        return False
    state, started = pid_state(process["pid"])
    recorded = process.get("startTime")
    return state == "absent" or (state == "alive" and None not in (recorded, started) and recorded != started)


def judge(seen, me, pid_state, quiet, settings):
    """(verdict, evidence), from what was seen, for how long it stayed so, and a way to look up a pid.

    Evidence shortens the quiet time needed, it never lengthens it: the strongest applies.
    """
    if seen.kind == FOREIGN:
        return FOREIGN, "operator"
    if seen.kind == EMPTY:
        return (TAKEOVER if quiet >= settings.empty_grace else EMPTY), "none"
    if seen.kind != HELD:
        return seen.kind, "none"
    owner = seen.owner or {}
    if owner and owner["protocol"] != PROTOCOL:
        return HELD, "operator"
    process = owner["process"] if isinstance(owner.get("process"), dict) else {}
    stale = settings.stale_after
    if owner:
        declared = owner.get("staleAfterMs")
        stale = max(stale, declared / 1000 if in_range(declared, 10000, 3600000) else 120.0)
    same_machine = all(isinstance(process.get(k), str) and process[k] == me.get(k) for k in ("hostname", "machineId"))
    boots = process.get("bootId"), me.get("bootId")
    if proves_dead(process, me, pid_state):
        evidence, needed = "dead", settings.confirm if settings.network else 0.0
    elif same_machine and None not in boots and boots[0] != boots[1]:
        evidence, needed = "reboot", stale if settings.network else settings.confirm
    elif owner and seen.age is not None and seen.age >= stale:
        evidence, needed = "old", stale if settings.network else settings.confirm
    else:
        evidence, needed = ("future" if seen.age is not None and seen.age < 0 else "none"), stale
    return (STALE if quiet >= needed else HELD), evidence


# --- the steps of the lock ---------------------------------------------------------------------------------

def prepare(place, settings, me):
    """A complete lock under a private name, so that no half-made lock can ever be seen. Returns its new token."""
    token = secrets.token_hex(16)
    new = place.new(token)
    os.mkdir(new)
    write_file(os.path.join(new, "owner.json"), record(place, token, settings, me), os.O_EXCL, True)
    write_file(os.path.join(new, "heartbeat"), f"{token} 0\n".encode(), os.O_EXCL, settings.fsync_all)
    write_file(place.new_claim(token), b"", os.O_EXCL, settings.fsync_all)  # the only creation of a claim
    if settings.fsync_all:
        fd = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(fd)
        os.close(fd)
    return token


def publish(place, token):
    """Moves the prepared directory over L. Whether it worked is for CHECK to say."""
    quietly(os.rename, place.new(token), place.lock)


def discard(place, token):
    """Gives a prepared directory up. The claim goes first: a late rename then publishes only a dead lock."""
    quietly(os.unlink, place.new_claim(token))
    with contextlib.suppress(OSError):
        for name in os.listdir(place.new(token)):
            quietly(os.unlink, os.path.join(place.new(token), name))
    quietly(os.rmdir, place.new(token))


def clean(place, unlink=os.unlink):
    """Clears a lock without claim away; returns the class found at the end."""
    for turn in range(5):
        kind, _, names = classify(place)
        if kind != DEAD:
            return kind
        for name in names:
            silly = name.startswith(SILLY)
            # FUSE says that it is unlinked, and gives it another name of this kind
            if (silly and turn) or (not quietly(unlink, os.path.join(place.lock, name)) and silly):
                move_aside(place, name, unlink)
        quietly(os.rmdir, place.lock)
    return classify(place)[0]


def move_aside(place, name, unlink=os.unlink):
    """Out with a file that stays because somebody has it open, if its client lets it go. It carries no authority."""
    aside = place.new(secrets.token_hex(16))
    quietly(os.mkdir, aside)
    quietly(os.rename, os.path.join(place.lock, name), os.path.join(aside, name))
    quietly(unlink, os.path.join(aside, name))
    quietly(os.rmdir, aside)


def break_lock(place, token, value=None):
    """Removes exactly this claim, if the value is still the judged one (None: forced). Gives no ownership."""
    if value is not None and observe(place).value != value:
        return "changed"
    by_us = quietly(os.unlink, place.claim(token))
    if check(place, token) is not False:
        return "failed"
    clean(place)
    return "broken" if by_us else "gone"


def heartbeat(place, token, seq, settings, me):
    """True beaten, False lock lost, None cannot tell. Also restores what a late cleaner may have removed."""
    state = opens(place.claim(token))
    if state is not True:
        return state
    try:
        write_file(place.beat, f"{token} {seq}\n".encode(), os.O_TRUNC, settings.fsync_all)
        if not speaks_about(read_owner(place.owner), token):
            temporary = os.path.join(place.lock, "tmp." + token)
            write_file(temporary, record(place, token, settings, me), os.O_TRUNC, True)
            quietly(os.rename, temporary, place.owner)
        return True
    except OSError:
        return False if opens(place.claim(token)) is False else None


def release(place, token):
    """Removes the claim, makes sure that it is gone, and tidies up."""
    for _ in range(5):
        quietly(os.unlink, place.claim(token))
        if check(place, token) is False:
            clean(place)
            return
        time.sleep(0.1)
    raise OSError(errno.EIO, "cannot remove the claim", place.claim(token))


def sweep(place, me):
    """Removes prepared directories of killed processes once there are more than a handful."""
    prefix = place.name + ".lock.new."
    left = [name[len(prefix):] for name in os.listdir(place.dir)
            if name.startswith(prefix) and re.fullmatch("[0-9a-f]{32}", name[len(prefix):])]
    if len(left) < SWEEP_FROM:
        return
    now = barrier(place)
    for token in left:
        owner = read_owner(os.path.join(place.new(token), "owner.json"))
        process = owner["process"] if speaks_about(owner, token) and isinstance(owner.get("process"), dict) else {}
        with contextlib.suppress(OSError):
            old = now - os.lstat(place.new(token)).st_mtime_ns > SWEEP_AGE * 1e9
            if old or proves_dead(process, me, pid_state):
                discard(place, token)
