"""The lock itself: looking at it, judging it, and the file steps that take, keep, break and clear it.

Every function here is one step, so that a test can stop between two of them and let somebody else act.
Names follow the text: D is the database, P its directory, L = D.lock, N(t) = D.lock.new.<t>.
"""
import contextlib
import dataclasses
import datetime
import errno
import json
import os
import re
import secrets
import stat
import time

from evidence import PROTOCOL, identity, life, pid_state  # noqa: F401  also for those who import this module
from files import (CAREFUL, FOLDER, GONE, Place, barrier, check, folder_mode, hand_over, hand_over_file, is_marked, likeness,
                   mark, opens, quietly, read_file, surely_check, write_file)  # noqa: F401

ABSENT, HELD, DEAD, RESERVED, EMPTY, FILE, FOREIGN, UNREADABLE = (
    "ABSENT", "HELD", "DEAD", "RESERVED", "EMPTY", "FILE", "FOREIGN", "UNREADABLE")
STALE, TAKEOVER = "STALE", "TAKEOVER"  # verdicts only: HELD or RESERVED for long enough
CLAIM = re.compile(r"claim\.([0-9a-f]{32})")
KNOWN_NAME = re.compile(r"owner\.json|heartbeat|(claim|tmp)\.[0-9a-f]{32}|x-.*|\.(nfs|fuse_hidden).*", re.DOTALL)
SILLY = (".nfs", ".fuse_hidden")  # what is left of a file that was unlinked while open
OWNER_LIMIT = 64 * 1024
SWEEP_FROM, SWEEP_AGE = 5, 24 * 3600
TOUCH = 4.0  # seconds; proper-lockfile takes a directory for abandoned after ten


@dataclasses.dataclass(frozen=True)
class Settings:
    stale_after: float = 120.0
    heartbeat_interval: float = 10.0
    confirm: float = 22.0
    empty_grace: float = 10.0
    fsync_all: bool = False
    access: str = "trusted"

    @property
    def network(self):
        return self.access == "network-exclusive"


# --- the record ---------------------------------------------------------------------------------------------

def record(place, token, settings, me, created=None, mode="write"):
    """The bytes of owner.json, and of a reader's marker."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({
        "protocol": PROTOCOL, "ownerId": f"{me['hostname']}:{me['pid']}:{token}", "target": place.name,
        "mode": mode, "access": settings.access, "createdAt": created or now, "updatedAt": now,
        "heartbeatIntervalMs": int(settings.heartbeat_interval * 1000),
        "staleAfterMs": int(settings.stale_after * 1000),
        "software": "sqlite-safe participant.py", "process": me}, indent=1).encode() + b"\n"


def read_record(path):
    """The bytes of a record; None when missing or too large."""
    try:
        found = read_file(path, OWNER_LIMIT)
    except OSError:
        return None
    return found[0] if found and len(found[0]) <= OWNER_LIMIT else None


def as_owner(data):
    """The object in a record; None when it is not one."""
    try:
        owner = json.loads(data.decode("utf-8")) if data is not None else None
    except (ValueError, RecursionError):
        return None
    return owner if isinstance(owner, dict) else None


def read_owner(path):
    return as_owner(read_record(path))


def speaks_about(owner, token):
    """A record left by, or written late by, another session says nothing about this claim."""
    return bool(owner) and "protocol" in owner and str(owner.get("ownerId")).endswith(":" + token)


# --- looking -----------------------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Seen:
    kind: str
    token: str | None = None
    owner: dict | None = None    # only if it speaks about the token
    age: float | None = None     # of the heartbeat, or of a reservation, by the file system's clock
    value: tuple = ()            # what must stay the same for the quiet time to run
    record: bytes | None = None  # owner.json, to the byte: who is found dead by it must not have changed it since


@contextlib.contextmanager
def opened(place):
    """(descriptor, None) of the lock directory, which cannot be exchanged meanwhile; or (None, the class it has)."""
    try:
        fd = os.open(place.lock, FOLDER)
    except PermissionError:
        yield None, UNREADABLE
        return
    except OSError as error:
        if error.errno not in (*GONE, errno.ELOOP):
            raise
        yield None, what_is_no_folder(place)
        return
    try:
        yield fd, None
    finally:
        os.close(fd)


def what_is_no_folder(place):
    try:
        mode = os.lstat(place.lock).st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ESTALE):
            return ABSENT
        raise
    return FILE if stat.S_ISREG(mode) else ABSENT if stat.S_ISDIR(mode) else FOREIGN


def look_into(place, fd):
    """(class, token, names), from one listing."""
    try:
        names = os.listdir(fd)
    except OSError as error:
        if error.errno in GONE:
            return ABSENT, None, []
        raise
    if not names:
        mode = os.fstat(fd).st_mode
        return DEAD if is_marked(mode) else EMPTY if mode & 0o222 else RESERVED, None, names
    claims = [match[1] for match in map(CLAIM.fullmatch, names) if match]
    if len(claims) > 1 or not all(map(KNOWN_NAME.fullmatch, names)) or not all(is_plain(fd, name) for name in names):
        return FOREIGN, None, names
    if claims:
        return HELD, claims[0], names
    owner = read_owner(place.owner) if "owner.json" in names else None
    if owner is not None and not re.search(r":[0-9a-f]{32}\Z", str(owner.get("ownerId"))):
        return FOREIGN, None, names
    return DEAD, None, names


def is_plain(fd, name):
    """Whether what is opened under this name is a regular file, or gone."""
    if name not in ("owner.json", "heartbeat") and not CLAIM.fullmatch(name):
        return True
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
    except OSError:
        return True


def classify(place):
    with opened(place) as (fd, kind):
        return (kind, None, []) if fd is None else look_into(place, fd)


def observe(place):
    kind, token, _ = classify(place)
    if kind in (RESERVED, EMPTY, FILE):
        return observe_empty(place, kind)
    if kind != HELD:
        return Seen(kind, value=(kind,))
    beat = read_beat(place, token)
    found = read_record(place.owner)
    owner = as_owner(found)
    try:
        age = (barrier(place) - beat[1]) / 1e9 if beat else None
    except OSError:
        age = None  # no clock, no age; the quiet time still works
    return Seen(kind, token, owner if speaks_about(owner, token) else None, age, (token, beat or "missing"), found)


def observe_empty(place, kind):
    try:
        found = os.lstat(place.lock)
        return Seen(kind, age=(barrier(place) - found.st_mtime_ns) / 1e9,
                    value=(kind, found.st_dev, found.st_ino, found.st_mtime_ns))
    except OSError:
        return Seen(kind, value=(kind, secrets.token_hex(4)))


def read_beat(place, token):
    """Content and time. Before an owner's first beat there may be no heartbeat: then its claim's time counts."""
    try:
        found = read_file(place.beat, 4096)
        return found if found else ("missing", os.lstat(place.claim(token)).st_mtime_ns)
    except PermissionError:
        return None, os.lstat(place.beat).st_mtime_ns
    except OSError:
        return None


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


def judge(seen, me, look_up, quiet, settings):
    """(verdict, evidence), from what was seen, for how long it stayed so, and a way to look up a pid.

    Evidence shortens the quiet time needed, it never lengthens it: the strongest applies.
    """
    if seen.kind in (EMPTY, FILE, FOREIGN):
        return seen.kind, "operator"
    if seen.kind == UNREADABLE:
        return HELD, "operator"
    if seen.kind == RESERVED:
        return (TAKEOVER if max(quiet, seen.age or 0) >= settings.empty_grace else RESERVED), "none"
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
    proof = life(owner, me, look_up)
    if proof == "working":
        return HELD, "working"
    if proof == "dead":
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
    new, like = place.new(token), likeness(place)
    os.mkdir(new)
    fd = os.open(new, FOLDER)
    try:
        by_umask = stat.S_IMODE(os.fstat(fd).st_mode)
        os.fchmod(fd, 0o700)  # as long as there is something left to be made in it
        for name, data, sync in (("owner.json", record(place, token, settings, me), True),
                                 ("heartbeat", f"{token} 0\n".encode(), settings.fsync_all),
                                 ("claim." + token, b"", settings.fsync_all)):  # the only creation of a claim
            write_file(name, data, os.O_EXCL, sync, fd)
            file = os.open(name, os.O_RDONLY | CAREFUL, dir_fd=fd)
            hand_over_file(file, like)
            os.close(file)
        if settings.fsync_all:
            os.fsync(fd)
        hand_over(fd, like, folder_mode(like) if like else by_umask, by_umask)
    finally:
        os.close(fd)
    return token


def reserve(place):
    """A2. Without write bits, so that nobody takes it for another program's lock."""
    os.mkdir(place.lock, 0o555)


def take_over(place, token, seen):
    """E1 to E3, for the reservation that was seen; whether the rename was tried. CHECK says the rest."""
    barrier(place)
    for other in prepared(place):
        if other != token:
            discard(place, other)
            if os.path.lexists(place.new(other)):
                return False  # another user's, who might still publish
    again = observe(place)
    if again.kind != RESERVED or again.value != seen.value:
        return False
    publish(place, token)
    return True


def prepared(place):
    prefix = place.name + ".lock.new."
    names = [name[len(prefix):] for name in os.listdir(place.dir) if name.startswith(prefix)]
    return [token for token in names if re.fullmatch("[0-9a-f]{32}", token)]


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


def remove_claim(place, token):
    """The mark first, through the directory in which the claim was seen; then the claim. Whether it was this call's doing."""
    with opened(place) as (fd, _):
        if fd is None or not exists("claim." + token, fd):
            return False
        mark(fd)
        return quietly(os.unlink, "claim." + token, dir_fd=fd)


def exists(name, fd):
    return quietly(os.stat, name, dir_fd=fd, follow_symlinks=False)


def clean(place, unlink=os.unlink):
    """Clears a lock without claim away; returns the class found at the end."""
    for turn in range(5):
        with opened(place) as (fd, kind):
            names = []
            if fd is not None:
                kind, _, names = look_into(place, fd)
            if kind != DEAD:
                return kind
            mark(fd)
            for name in names:
                silly = name.startswith(SILLY)
                # FUSE says that it is unlinked, and gives it another name of this kind
                if (silly and turn) or (not quietly(unlink, name, dir_fd=fd) and silly):
                    move_aside(place, name, fd, unlink)
            remove_folder(place, fd)
    return classify(place)[0]


def remove_folder(place, fd):
    """O8. A late rmdir would remove what others have made there meanwhile, so it comes directly after this look."""
    with contextlib.suppress(OSError):
        if os.path.samestat(os.lstat(place.lock), os.fstat(fd)):
            os.rmdir(place.lock)


def move_aside(place, name, fd, unlink=os.unlink):
    """Out with a file that stays because somebody has it open, if its client lets it go. It carries no authority."""
    aside = place.new(secrets.token_hex(16))
    quietly(os.mkdir, aside)
    quietly(os.rename, name, os.path.join(aside, name), src_dir_fd=fd)
    quietly(unlink, os.path.join(aside, name))
    quietly(os.rmdir, aside)


def break_lock(place, token, seen=None):
    """Removes exactly this claim, if all is still as it was judged (None: forced). Gives no ownership."""
    if seen is not None:
        again = observe(place)
        if (again.value, again.record) != (seen.value, seen.record):
            return "changed"
    by_us = remove_claim(place, token)
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
        if not quietly(write_file, place.beat, f"{token} {seq}\n".encode(), os.O_TRUNC, settings.fsync_all):
            replace(place, token, place.beat, f"{token} {seq}\n".encode())
        if not speaks_about(read_owner(place.owner), token):
            replace(place, token, place.owner, record(place, token, settings, me))
        return True
    except OSError:
        return False if opens(place.claim(token)) is False else None


def replace(place, token, path, data):
    """By rename, whatever has that name now."""
    temporary = os.path.join(place.lock, "tmp." + token)
    write_file(temporary, data, os.O_TRUNC, True)
    quietly(os.rename, temporary, path)


def touch(place, token):
    """H4, for those who judge by times: that of the directory, and the claim's ctime. False when the lock is lost."""
    try:
        fd = os.open(place.claim(token), os.O_RDONLY | CAREFUL)
    except OSError as error:
        return error.errno not in GONE
    temporary = os.path.join(place.lock, "tmp." + token)
    if quietly(write_file, temporary, b"", os.O_EXCL, False):
        quietly(os.unlink, temporary)
    quietly(os.fchmod, fd, stat.S_IMODE(os.fstat(fd).st_mode))
    os.close(fd)
    return True


def release(place, token):
    """Removes the claim, makes sure that it is gone, and tidies up."""
    for _ in range(5):
        remove_claim(place, token)
        if check(place, token) is False:
            clean(place)
            return
        time.sleep(0.1)
    raise OSError(errno.EIO, "cannot remove the claim", place.claim(token))


def sweep(place, me):
    """Removes prepared directories of killed processes once there are more than a handful."""
    left = prepared(place)
    if len(left) < SWEEP_FROM:
        return
    now = barrier(place)
    for token in left:
        owner = read_owner(os.path.join(place.new(token), "owner.json"))
        with contextlib.suppress(OSError):
            old = now - os.lstat(place.new(token)).st_mtime_ns > SWEEP_AGE * 1e9
            if old or (speaks_about(owner, token) and life(owner, me, pid_state) == "dead"):
                discard(place, token)
