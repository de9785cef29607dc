#!/bin/sh
# rsync 3.2.7 (Debian 3.2.7-1+deb12u6), rdiff-backup 2.2.2 (2.2.2-1), restic 0.14.0 (0.14.0-1+b5), SQLite 3.40.1 (sqlite3 3.40.1-2+deb12u2)
# Expected: where file systems keep times to the nanosecond, a copy that is made again notices that a database has been written to since the last copy.
# Seen: rsync -a and rdiff-backup compare size and whole seconds. A commit in the second of the one that was copied, which left the size as it was, is not
# copied, by no later run either, until the next commit; both end with status 0. restic looks at nanoseconds, inode and change time, and has it.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
for package in rsync=3.2.7-1+deb12u6 rdiff-backup=2.2.2-1 restic=0.14.0-1+b5 sqlite3=3.40.1-2+deb12u2 libpopt0=1.19+dfsg-1 libxxhash0=0.8.1-1 librsync2=2.3.2-1+b1 libb2-1=0.98.1-1.1 \
  libgomp1=12.2.0-14+deb12u1 python3-yaml=6.0-3+b2 python3-pylibacl=0.7.0-2 python3-pyxattr=0.8.1-1; do fetch "$package"; done
for deb in ./*.deb; do dpkg -x "$deb" root; done
PATH=$work/root/usr/bin:/usr/bin:/bin; PYTHONPATH=$work/root/usr/lib/python3/dist-packages; export PYTHONPATH
LD_LIBRARY_PATH=$(find "$work/root" -name 'lib*.so*' -printf '%h\n' | sort -u | tr '\n' ':'); export LD_LIBRARY_PATH
RESTIC_PASSWORD=x RESTIC_CACHE_DIR=$work/cache; export RESTIC_PASSWORD RESTIC_CACHE_DIR
restic -q init -r repository
copy() {
  case $1 in
  rsync) rsync -a src/ "copy-rsync/" ;;
  rdiff-backup) /usr/bin/python3 root/usr/bin/rdiff-backup src copy-rdiff-backup >/dev/null 2>&1 ;;
  restic) restic -q -r repository backup src ;;
  esac
}
for tool in rsync rdiff-backup restic; do
  tries=0
  while :; do
    rm -rf src "copy-$tool"
    mkdir src
    until [ "$(date +%N | cut -c1)" = 0 ]; do :; done # at the beginning of a second
    sqlite3 src/app.db "CREATE TABLE t(v); INSERT INTO t VALUES('first')"
    first=$(stat -c %Y src/app.db)
    copy $tool
    sqlite3 src/app.db "UPDATE t SET v='other'"
    [ "$(stat -c %Y src/app.db)" != "$first" ] || break
    tries=$((tries + 1))
    [ $tries -lt 40 ] || { echo "SKIP: this machine is too slow for two commits and a copy in one second"; exit 77; }
  done
  for run in 1 2; do
    until [ "$(date +%s)" -gt $((first + 2 * run)) ]; do :; done # rdiff-backup has one backup a second
    copy $tool
  done
  [ $tool != restic ] || { restic -q -r repository restore latest --target restored && mv restored/src copy-restic; }
  echo "$tool, status $?: $(sqlite3 "copy-$tool/app.db" 'SELECT v FROM t')" | tee -a out
done
[ "$(cat out)" = "rsync, status 0: first
rdiff-backup, status 0: first
restic, status 0: other" ]
echo "as found"
