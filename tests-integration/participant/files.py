"""Names, and single steps on files: nothing is opened that is not a regular file, and nothing by way of a link (O7)."""
import errno
import os
import secrets
import stat
import time

GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
CAREFUL = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


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

    def other_name(self):
        """Why this file has another name, whose lock would be another one; None if it has not."""
        try:
            if os.stat(self.db).st_nlink > 1:
                return "it has another hard link"
            with open("/proc/self/mountinfo", "rb") as table:
                points = [line.split(b" ")[4].decode("unicode_escape").encode("latin-1") for line in table]
        except OSError:
            return None
        return "it is a mount point" if os.fsencode(self.db) in points else None


def quietly(step, *args, **words):
    """Runs a step whose reply means nothing; whoever needs the outcome looks afterwards."""
    try:
        step(*args, **words)
        return True
    except OSError:
        return False


def write_file(path, data, flag, sync, dir_fd=None):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | CAREFUL | flag, 0o666, dir_fd=dir_fd)
    with open(fd, "wb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        file.write(data)
        if sync:
            os.fsync(fd)


def read_file(path, limit):
    """(content, mtime in ns), or None when there is no such regular file."""
    try:
        with open(os.open(path, os.O_RDONLY | CAREFUL), "rb") as file:
            found = os.fstat(file.fileno())
            return (file.read(limit + 1), found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None
    except OSError as error:
        if error.errno in GONE or error.errno in (errno.EISDIR, errno.ELOOP, errno.ENXIO):
            return None
        raise


def opens(path):
    """True, False, or None for "cannot tell". Opening asks the server where stat may answer from a cache."""
    try:
        fd = os.open(path, os.O_RDONLY | CAREFUL)
    except OSError as error:
        return False if error.errno in GONE or error.errno in (errno.ELOOP, errno.ENXIO) else None
    try:
        return stat.S_ISREG(os.fstat(fd).st_mode)
    finally:
        os.close(fd)


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


# --- owners and modes ----------------------------------------------------------------------------------------------

def likeness(place):
    """What the lock's files are to be like: those of D, if there is a D."""
    try:
        return os.stat(place.db)
    except OSError:
        return None


def hand_over(fd, like, mode, by_umask):
    """Owner and group of D as far as they may be given; who cannot be given the group is given nothing more."""
    if like is None or not (quietly(os.fchown, fd, like.st_uid, like.st_gid) or quietly(os.fchown, fd, -1, like.st_gid)):
        mode = by_umask
    quietly(os.fchmod, fd, mode)


def hand_over_file(fd, like):
    by_umask = stat.S_IMODE(os.fstat(fd).st_mode)
    hand_over(fd, like, (like.st_mode & 0o666 | 0o600) if like else by_umask, by_umask)


def folder_mode(like):
    """The permission bits of D, x wherever there is r, and all for the owner."""
    return like.st_mode & 0o777 | (like.st_mode & 0o444) >> 2 | 0o700


def mark(fd):
    """What nobody's mkdir gives: others may write, but not enter, so that they may do nothing."""
    mode = stat.S_IMODE(os.fstat(fd).st_mode)
    quietly(os.fchmod, fd, mode & ~0o001 | 0o002)


def is_marked(mode):
    return mode & 0o003 == 0o002
