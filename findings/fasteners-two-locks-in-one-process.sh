#!/bin/sh
# fasteners 0.17.3 (Debian python3-fasteners 0.17.3-2)
# Expected: InterProcessLock says of itself that it is held; a second object for the same path, in the same process, cannot acquire it, and giving one back does
# not give the other back.
# Seen: both are acquired, and when the second is released the first, which still says that it is held, no longer keeps other processes out: it is
# an fcntl lock, which belongs to the process and ends with any descriptor of the file.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch python3-fasteners=0.17.3-2; fetch python3-monotonic=1.6-2; fetch python3-six=1.16.0-4
for deb in ./*.deb; do dpkg -x "$deb" root; done
[ -x /usr/bin/python3 ] || { echo "SKIP: no /usr/bin/python3"; exit 77; }
PYTHONPATH=$work/root/usr/lib/python3/dist-packages; export PYTHONPATH
cat >two.py <<'P'
import subprocess, sys
import fasteners
first, second = fasteners.InterProcessLock("app.lock"), fasteners.InterProcessLock("app.lock")
other = [sys.executable, "-c", "import fasteners; print(fasteners.InterProcessLock('app.lock').acquire(blocking=False))"]
def elsewhere():
    return subprocess.run(other, capture_output=True, text=True).stdout.strip()
print("first:", first.acquire(blocking=False), " another process:", elsewhere())
print("second object in the same process:", second.acquire(blocking=False))
second.release()
print("after the second was released: first held:", first.acquired, " another process:", elsewhere())
P
/usr/bin/python3 two.py | tee out
[ "$(cat out)" = "first: True  another process: False
second object in the same process: True
after the second was released: first held: True  another process: True" ]
echo "as found"
