#!/bin/sh
# bindfs 1.14.7-1, mergerfs 2.33.5-1, unionfs-fuse 1.0-1+b1 (Debian 12)
# Expected: these mirror a local directory, so a lock that SQLite holds on the file by its own path holds against the mounted name, too.
# Seen: none of them passes fcntl locks on: one connection holds EXCLUSIVE by the original path while another gets EXCLUSIVE through the mount. Each
# mount alone is fine, which is why it shows only when somebody uses both names. bindfs alone has an option for it (--enable-lock-forwarding).
set -eu
[ "$(id -u)" -eq 0 ] && [ -e /dev/fuse ] && [ -x /usr/bin/python3 ] || { echo "SKIP: needs root, /dev/fuse, /usr/bin/python3"; exit 77; }
[ "${INSIDE-}" ] || INSIDE=1 exec unshare -m sh "$0"
work=$(mktemp -d); cd "$work"
leave() { cd /; for mount in bindfs mergerfs unionfs-fuse forwarding; do umount "$work/$mount" 2>/dev/null || :; done; rm -rf "$work"; }
trap leave EXIT
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
for package in bindfs=1.14.7-1 mergerfs=2.33.5-1 unionfs-fuse=1.0-1+b1 libfuse2=2.9.9-6+b1 fuse3=3.14.0-4; do
  fetch "$package"
done
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$work/root/bin:$PATH
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libfuse.so.2' | head -n 1)")
export PATH LD_LIBRARY_PATH
mkdir original bindfs mergerfs unionfs-fuse forwarding
/usr/bin/python3 -c 'import sqlite3; c = sqlite3.connect("original/a.db"); c.execute("CREATE TABLE t(x)"); c.commit()'
{
  bindfs original bindfs; mergerfs original mergerfs; unionfs original unionfs-fuse
  bindfs --enable-lock-forwarding --multithreaded original forwarding
} 2>/dev/null || { echo "SKIP: a file system in user space cannot be mounted here"; exit 77; }
cat >both.py <<'P'
import sqlite3, sys
first = sqlite3.connect("original/a.db", timeout=0, isolation_level=None)
first.execute("BEGIN EXCLUSIVE")
second = sqlite3.connect(sys.argv[1] + "/a.db", timeout=0, isolation_level=None)
try:
    second.execute("BEGIN EXCLUSIVE")
    print("both hold EXCLUSIVE")
except sqlite3.OperationalError as refused:
    print(refused)
P
for mount in bindfs mergerfs unionfs-fuse forwarding; do
  echo "$mount: $(/usr/bin/python3 both.py $mount)" | tee -a out
done
[ "$(grep -c 'both hold EXCLUSIVE' out)" -eq 3 ]
grep -q '^forwarding: database is locked' out
echo "as found"
