#!/usr/bin/python3
"""A folder shown at another place, with faults by rules.

    faultfs.py FOLDER PLACE --rules FILE [--believe SECONDS]

It runs until PLACE is unmounted. --believe: for how long the kernel may believe attributes, names and missing names.
Two mounts of one folder behave like two hosts: they have no caches and no file locks in common.

FILE holds a JSON list, is read anew whenever it changes, and may be missing. For each operation the first rule applies
whose members all fit:
  operations  names separated by blanks; default all that may fail (FALLIBLE)
  path        regular expression, searched in the path
  chance      how likely the rule applies, default 1
  times       how often the rule applies at most
what it does:
  seconds     wait so long
  errno       fail, with this name of an error
  done        true: first do the operation, then fail: the reply is lost
"""
import argparse
import errno
import json
import os
import random
import re
import threading
import time

from fusepy import FUSE, FuseOSError, Operations

FALLIBLE = frozenset("mkdir rmdir rename unlink create open read write truncate fsync getattr readdir".split())
STAT = ("mode", "uid", "gid", "size", "nlink", "ino", "dev", "blocks")
STATFS = ("bavail", "bfree", "blocks", "bsize", "favail", "ffree", "files", "flag", "frsize", "namemax")


class Rules:
    """The rules of the file, as they are now."""

    def __init__(self, path):
        self.path, self.stamp, self.rules, self.mutex = path, None, [], threading.Lock()

    def match(self, operation, path):
        with self.mutex:
            self.reload()
            for rule in self.rules:
                if self.fits(rule, operation, path):
                    rule["used"] = rule.get("used", 0) + 1
                    return rule
        return {}

    @staticmethod
    def fits(rule, operation, path):
        operations = rule["operations"].split() if "operations" in rule else FALLIBLE
        return (operation in operations and re.search(rule.get("path", ""), path)
                and rule.get("used", 0) < rule.get("times", 1 << 60) and random.random() < rule.get("chance", 1))

    def reload(self):
        try:
            stamp = os.stat(self.path).st_mtime_ns
            if stamp != self.stamp:
                with open(self.path, encoding="utf-8") as file:
                    self.rules = json.load(file)
            self.stamp = stamp
        except OSError:
            self.stamp, self.rules = None, []


class FaultFs(Operations):
    use_ns = True  # times in whole nanoseconds

    def __init__(self, folder, rules):
        self.folder, self.rules = os.path.realpath(folder), rules

    def __call__(self, operation, path, *args):
        rule = self.rules.match(operation, path) if path else {}
        if "seconds" in rule:
            time.sleep(rule["seconds"])
        if "errno" in rule and not rule.get("done"):
            raise FuseOSError(getattr(errno, rule["errno"]))
        try:
            result = getattr(self, "do_" + operation)(path, *args)
        except OSError as error:
            raise FuseOSError(error.errno) from error
        if "errno" in rule:
            raise FuseOSError(getattr(errno, rule["errno"]))
        return result

    def real(self, path):
        return self.folder + path

    # --- names ---------------------------------------------------------------------------------------------

    def do_getattr(self, path, fh=None):
        stat = os.lstat(self.real(path))
        return {**{"st_" + name: getattr(stat, "st_" + name) for name in STAT},
                "st_atime": stat.st_atime_ns, "st_mtime": stat.st_mtime_ns, "st_ctime": stat.st_ctime_ns}

    def do_readdir(self, path, fh):
        return [".", "..", *os.listdir(self.real(path))]

    def do_mkdir(self, path, mode):
        os.mkdir(self.real(path), mode)

    def do_rmdir(self, path):
        os.rmdir(self.real(path))

    def do_unlink(self, path):
        os.unlink(self.real(path))

    def do_rename(self, old, new):
        os.rename(self.real(old), self.real(new))

    def do_link(self, new, old):
        os.link(self.real(old), self.real(new))

    def do_symlink(self, new, target):
        os.symlink(target, self.real(new))

    def do_readlink(self, path):
        return os.readlink(self.real(path))

    def do_chmod(self, path, mode):
        os.chmod(self.real(path), mode)

    def do_chown(self, path, uid, gid):
        os.chown(self.real(path), uid, gid)

    def do_utimens(self, path, times=None):
        os.utime(self.real(path), ns=times)

    def do_statfs(self, path):
        stat = os.statvfs(self.real(path))
        return {"f_" + name: getattr(stat, "f_" + name) for name in STATFS}

    def do_access(self, path, mode):
        return 0

    # --- content -------------------------------------------------------------------------------------------

    def do_create(self, path, mode, info):
        # O_EXCL has to reach the folder: the kernel's own look is one look for each mount.
        info.fh = os.open(self.real(path), os.O_RDWR | os.O_CREAT | info.flags & (os.O_EXCL | os.O_TRUNC), mode)
        return 0

    def do_open(self, path, info):
        # The kernel has found the end of the file for O_APPEND; pwrite would ignore the offset.
        info.fh = os.open(self.real(path), info.flags & ~(os.O_APPEND | os.O_CREAT | os.O_EXCL))
        return 0

    def do_read(self, path, size, offset, info):
        return os.pread(info.fh, size, offset)

    def do_write(self, path, data, offset, info):
        return os.pwrite(info.fh, data, offset)

    def do_truncate(self, path, size, fh=None):
        os.truncate(self.real(path), size)

    def do_fsync(self, path, data_only, info):
        os.fsync(info.fh)

    def do_flush(self, path, info):
        return 0

    def do_release(self, path, info):
        os.close(info.fh)

    def do_opendir(self, path):
        return 0

    def do_releasedir(self, path, fh):
        return 0

    def do_fsyncdir(self, path, data_only, fh):
        return 0

    def do_init(self, path):
        return None

    def do_destroy(self, path):
        return None

    def do_getxattr(self, path, *rest):
        raise OSError(errno.ENOTSUP, "no extended attributes")

    do_setxattr = do_listxattr = do_removexattr = do_getxattr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("place")
    parser.add_argument("--rules", required=True)
    parser.add_argument("--believe", default="0")
    args = parser.parse_args()
    FUSE(FaultFs(args.folder, Rules(args.rules)), args.place, raw_fi=True, foreground=True, use_ino=True,
         allow_other=True, default_permissions=True, big_writes=True, attr_timeout=args.believe,
         entry_timeout=args.believe, negative_timeout=args.believe)


if __name__ == "__main__":
    main()
