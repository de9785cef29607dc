#!/bin/sh
# rclone 1.60.1 (Debian rclone 1.60.1+dfsg-2+b5)
# Expected: "producer | rclone rcat REMOTE:object" with a producer that dies before it has written anything leaves the object that is there.
# Seen: the good object is replaced by one of 0 bytes, exit status 0. A dump or backup piped off-site destroys the last good copy on the day it fails.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download rclone=1.60.1+dfsg-2+b5 >/dev/null 2>&1 || { echo "SKIP: cannot download rclone"; exit 77; }
for deb in ./*.deb; do dpkg -x "$deb" root; done
mkdir remote
printf '[off-site]\ntype = alias\nremote = %s/remote\n' "$work" >rclone.conf
rclone="$work/root/usr/bin/rclone --config $work/rclone.conf"

printf 'yesterday, good' | $rclone rcat off-site:app.db
echo "before: $(wc -c <remote/app.db) bytes"
sh -c 'exit 1' | $rclone rcat off-site:app.db
echo "after a producer that failed: exit status $?, $(wc -c <remote/app.db) bytes"
[ "$(wc -c <remote/app.db)" -eq 0 ]
echo "as found"
