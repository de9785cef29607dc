#!/bin/sh
# unshare of util-linux 2.38.1 (Debian 2.38.1-5+deb12u3), Linux 5.5 and later
# Expected: field 22 of /proc/PID/stat, the start time in clock ticks since boot, is a property of the process; with the pid it names a process for as
# long as the machine is up. Lock files and supervisors rely on that to recognise a reused pid.
# Seen: it is counted in the time namespace of whoever reads it. A reader in another time namespace, with the same pid namespace and the same /proc,
# sees another start time, and takes a living owner for a reused pid.
set -eu
[ "$(id -u)" -eq 0 ] || { echo "SKIP: needs root"; exit 77; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download util-linux=2.38.1-5+deb12u3 >/dev/null 2>&1 || { echo "SKIP: cannot download util-linux"; exit 77; }
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:$PATH
mine=$(cut -d ' ' -f 22 /proc/$$/stat)
other=$(unshare --time --boottime 1000 --fork cut -d ' ' -f 22 /proc/$$/stat) || { echo "SKIP: no time namespace to be had"; exit 77; }
echo "start time of one process: $mine here, $other for a reader in another time namespace"
[ $((other - mine)) -eq $((1000 * $(getconf CLK_TCK))) ]
echo "as found"
