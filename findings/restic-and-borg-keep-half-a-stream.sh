#!/bin/sh
# restic 0.14.0 (Debian 0.14.0-1+b5), borg 1.2.4 (Debian borgbackup 1.2.4-1)
# Expected: "producer | restic backup --stdin" and "producer | borg create repository::name -" with a producer that dies in the middle make no snapshot, or
# a marked one, or fail.
# Seen: both keep the half as a complete snapshot and exit with 0: the end of a pipe cannot be told from the death of its writer, and neither program
# is told otherwise. borg has a cure, --content-from-command, which sees the status of the producer (2, no archive); restic 0.14 has none.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch restic=0.14.0-1+b5; fetch borgbackup=1.2.4-1; fetch python3-msgpack=1.0.3-2+b1; fetch python3-packaging=23.0-1
for deb in ./*.deb; do dpkg -x "$deb" root; done
restic=$work/root/usr/bin/restic
borg() { PYTHONPATH=$work/root/usr/lib/python3/dist-packages /usr/bin/python3 "$work/root/usr/bin/borg" "$@"; }
export RESTIC_REPOSITORY="$work/restic" RESTIC_PASSWORD=x RESTIC_CACHE_DIR="$work/cache"
export BORG_BASE_DIR="$work/borg-home" BORG_REPO="$work/borg" BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
$restic init >/dev/null
borg init -e none 2>/dev/null
head -c 3000000 /dev/zero | tr '\0' x >whole
producer='head -c 1000000 whole; exit 1'

sh -c "$producer" | $restic backup --quiet --stdin --stdin-filename app.db
echo "restic: exit status $?, kept: $($restic ls -l latest 2>/dev/null | tail -n 1)"
sh -c "$producer" | borg create --stdin-name app.db ::half -
echo "borg: exit status $?, kept: $(borg list ::half --format '{size} {path}')"
status=0
borg create --content-from-command --stdin-name app.db ::none -- sh -c "$producer" 2>/dev/null || status=$?
echo "borg --content-from-command: exit status $status, archives: $(borg list --format '{archive} ')"
$restic ls -l latest 2>/dev/null | grep -q ' 1000000 .*app.db'
[ "$(borg list ::half --format '{size}')" = 1000000 ]
[ "$status" -eq 2 ]
[ "$(borg list --format '{archive} ')" = 'half ' ]
echo "as found"
