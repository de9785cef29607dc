#!/bin/sh
# lslocks and unshare of util-linux 2.38.1 (Debian 2.38.1-5+deb12u3), Linux 6.1 and later
# Expected: /proc/locks has a line for each lock of the kernel; for one held by a process that this pid namespace cannot name, the pid is 0 or -1.
# Seen: the line is left out. In a container an empty /proc/locks (and lslocks) does not say that nobody has locked a file on a shared volume,
# although trying to take the lock shows that somebody has.
set -eu
[ "$(id -u)" -eq 0 ] || { echo "SKIP: needs root"; exit 77; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download util-linux=2.38.1-5+deb12u3 >/dev/null 2>&1 || { echo "SKIP: cannot download util-linux"; exit 77; }
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$work/root/bin:$PATH
: >file; mkfifo told
flock file sh -c 'read line <told' & holder=$!
until ! flock -n file true; do :; done
inode=$(stat -c %i file)
count="grep -c \":$inode \" /proc/locks || :"
outside=$(sh -c "$count")
inside=$(unshare --pid --fork --mount-proc sh -c "$count") || { echo go >told; echo "SKIP: no pid namespace to be had"; exit 77; }
listed=$(unshare --pid --fork --mount-proc lslocks --noheadings | grep -c "$work" || :)
refused=$(unshare --pid --fork --mount-proc sh -c 'flock -n file true && echo taken || echo refused')
echo "lines outside: $outside, inside: $inside, lslocks inside: $listed, an attempt inside: $refused"
echo go >told; wait $holder
[ "$outside" -ge 1 ] && [ "$inside" = 0 ] && [ "$listed" = 0 ] && [ "$refused" = refused ]
echo "as found"
