"""Network-exclusive mode, sections 10.1 and 10.3: shared reads, and commits by renaming the claim over the database.

SQLite's own locks are not used. A session of participant.py has the lock; what is here happens under it.
"""
import contextlib
import errno
import hashlib
import os
import pathlib
import secrets
import shutil
import sqlite3
import threading
import time

from locksteps import (ABSENT, CAREFUL, DEAD, GONE, HELD, STALE, TAKEOVER, Seen, Watch, barrier, break_lock, clean,
                       classify, judge, mark, opened, opens, pid_state, quietly, read_file, read_owner, record,
                       speaks_about, write_file)
from participant import free_reservation


class Lost(Exception):
    """The lock, or the reader's marker, is gone: nothing may be done or believed any more."""


class Recover(Exception):
    """There is a journal. Recovery in place is not this participant's business."""


def marker(place, token):
    return os.path.join(place.readers, "r." + token)


# --- writing -------------------------------------------------------------------------------------------------------

def observe_reader(place, token):
    """A marker as the holder of a lock, for the same judgement."""
    found = read_file(marker(place, token), 4096)
    if found is None:
        return Seen(ABSENT)
    owner = read_owner(marker(place, token))
    try:
        age = (barrier(place, place.readers) - found[1]) / 1e9
    except OSError:
        age = None
    return Seen(HELD, token, owner if speaks_about(owner, token) else None, age, (token, found))


def drain_readers(place, session, settings, me, wait):
    """Waits for those who were reading when the lock was taken. Nobody new gets in."""
    end, watches = time.monotonic() + wait, {}
    while True:
        barrier(place, place.readers)
        tokens = [name[2:] for name in os.listdir(place.readers) if name.startswith("r.")]
        if not tokens:
            return
        for token in tokens:
            watch = watches.setdefault(token, Watch(place, settings))
            seen, quiet = watch.sample(lambda t=token: observe_reader(place, t))
            if judge(seen, me, pid_state, quiet, settings)[0] == STALE:
                quietly(os.unlink, marker(place, token))
        if time.monotonic() > end:
            raise TimeoutError(f"readers: {', '.join(tokens)}")
        if not session.check():
            raise Lost(session.token)
        time.sleep(0.3)


def digest(path):
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(1 << 20):
            sha.update(data)
    return sha.digest()


def publish_commit(place, session, work, before_rename=lambda: None):
    """True when done, None when that cannot be known; Lost when it is certainly not. work(connection) makes the changes."""
    if any(os.path.exists(place.db + suffix) for suffix in ("-journal", "-wal")):
        raise Recover(place.db)
    image = f"{place.lock}.work.{session.token}"
    try:
        shutil.copyfile(place.db, image)
        uri = pathlib.Path(image).as_uri() + "?mode=rw&nolock=1"  # nobody else has it, and SMB has no locks for SQLite
        with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            result = work(connection)
            connection.execute("COMMIT")
        wanted = digest(image)
        session.stop_beating()  # a beat after the rename would find the claim gone and call that a loss
        return fill_and_rename(place, session, image, wanted, before_rename), result
    finally:
        quietly(os.unlink, image)


def fill_and_rename(place, session, image, wanted, before_rename):
    claim = place.claim(session.token)
    try:
        fd = os.open(claim, os.O_WRONLY | CAREFUL)
    except OSError as error:
        if error.errno in GONE:
            raise Lost(session.token) from error
        raise
    with open(fd, "wb") as file, open(image, "rb") as source:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
        inode = os.fstat(file.fileno()).st_ino
    before_rename()
    with opened(place) as (folder, _):
        if folder is not None and opens(claim):
            mark(folder)  # the rename empties it of its claim
    try:
        os.rename(claim, place.db)
        return True
    except OSError:
        return was_renamed(place, session, claim, inode, wanted)


def was_renamed(place, session, claim, inode, wanted):
    for _ in range(50):
        with contextlib.suppress(OSError):
            barrier(place)
            if os.stat(place.db).st_ino == inode and digest(place.db) == wanted:
                return True
            if opens(claim) is True:
                os.rename(claim, place.db)
                return True
            # Neither here nor there: broken, or published and already replaced by a successor.
            return None
        time.sleep(0.2)
    return None


def tidy(place):
    """After the rename there is no claim any more."""
    with contextlib.suppress(OSError):
        fd = os.open(place.dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    with contextlib.suppress(OSError):
        clean(place)


# --- reading -------------------------------------------------------------------------------------------------------

class SharedRead:
    """R1 to R7, as a context."""

    def __init__(self, place, settings, me, wait):
        self.place, self.settings, self.me, self.wait = place, settings, me, wait
        self.token, self.ended = secrets.token_hex(16), threading.Event()

    def __enter__(self):
        if not os.path.isdir(self.place.readers):
            raise OSError(errno.EPERM, "not in network-exclusive mode", self.place.db)
        end, watch = time.monotonic() + self.wait, Watch(self.place, self.settings)
        while not self.enter(watch):
            if time.monotonic() > end:
                raise TimeoutError("the lock is not free")
            time.sleep(0.2)
        self.thread = threading.Thread(target=self.beat, daemon=True)
        self.thread.start()
        return self

    def enter(self, watch):
        """One try. The marker first, then the look: a writer looks in the opposite order, so one sees the other."""
        if not self.may_enter(watch):
            return False
        self.token = secrets.token_hex(16)
        try:
            write_file(marker(self.place, self.token), self.content(), os.O_EXCL, True)
            barrier(self.place)
            if classify(self.place)[0] == ABSENT:
                return True
        except BaseException:
            quietly(os.unlink, marker(self.place, self.token))
            raise
        quietly(os.unlink, marker(self.place, self.token))
        return False

    def may_enter(self, watch):
        barrier(self.place)
        if classify(self.place)[0] == ABSENT:
            return True
        seen, quiet = watch.sample()
        verdict, _ = judge(seen, self.me, pid_state, quiet, self.settings)
        if verdict == STALE:
            break_lock(self.place, seen.token, seen)
        if verdict == TAKEOVER:  # nobody's reservation: a reader only needs it gone
            free_reservation(self.place, self.settings, self.me, seen)
        return verdict == DEAD and clean(self.place) == ABSENT

    def content(self):
        return record(self.place, self.token, self.settings, self.me, mode="read")

    def connect(self):
        if any(os.path.exists(self.place.db + suffix) for suffix in ("-journal", "-wal")):
            raise Recover(self.place.db)
        uri = pathlib.Path(self.place.db).as_uri() + "?mode=ro&nolock=1"
        return sqlite3.connect(uri, uri=True, isolation_level=None)

    def beat(self):
        while not self.ended.wait(self.settings.heartbeat_interval):
            with contextlib.suppress(OSError):
                fd = os.open(marker(self.place, self.token), os.O_WRONLY | CAREFUL)
                with open(fd, "wb", buffering=0) as file:
                    file.write(self.content())

    def validate(self):
        """R6: before anything that was read is used."""
        for _ in range(50):
            with contextlib.suppress(OSError):
                barrier(self.place, self.place.readers)
                state = opens(marker(self.place, self.token))
                if state is not None:
                    if not state:
                        raise Lost(self.token)
                    return
            time.sleep(0.2)
        raise Lost(self.token)

    def __exit__(self, *error):
        self.ended.set()
        self.thread.join()
        for _ in range(20):
            if quietly(os.unlink, marker(self.place, self.token)) or opens(marker(self.place, self.token)) is False:
                break
            time.sleep(0.2)
