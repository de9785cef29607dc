#!/bin/sh
# lockfile-progs 0.1.19 with liblockfile1 1.17 (Debian 1.17-1+b1)
# Expected: a lock that was made a second ago, and whose owner lives, keeps everybody out: the library is made for locks on NFS, and "lockfile-create" says
# of a lock that it is abandoned after five minutes.
# Seen: with --use-pid a lock whose process number is not known HERE is taken over at once, however young it is. From another process namespace (a container
# that shares the volume), and in the same way from another host, that is every lock: two owners.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
unshare --pid --fork --mount-proc true 2>/dev/null || { echo "SKIP: needs namespaces for processes"; exit 77; }
for package in lockfile-progs=0.1.19 liblockfile1=1.17-1+b1; do
  apt-get download "$package" >/dev/null 2>&1 || { echo "SKIP: cannot download $package"; exit 77; }
done
for deb in ./*.deb; do dpkg -x "$deb" root; done
LD_LIBRARY_PATH=$(find "$work/root" -name 'lib*.so*' -printf '%h\n' | sort -u | tr '\n' ':'); export LD_LIBRARY_PATH
create=$work/root/usr/bin/lockfile-create
mkfifo end
# The owner is the shell that calls it; it lives until it is told to end.
sh -c '"$0" --use-pid --retry 0 shared && read -r x <end' "$create" &
while [ ! -s shared.lock ]; do sleep 0.1; done
status=0; "$create" --use-pid --retry 0 shared 2>/dev/null || status=$?
echo "from the same namespace: $status" | tee out
status=0; unshare --pid --fork --mount-proc "$create" --use-pid --retry 0 shared 2>/dev/null || status=$?
echo "from another one: $status" | tee -a out
echo >end; wait
[ "$(cat out)" = "from the same namespace: 4
from another one: 0" ]
echo "as found"
