#!/bin/bash
# The first process of a guest. Its root is the root of the machine, so that every program and this project are there; what
# must be its own, it mounts over that. From the kernel's command line: LAB_HOST, LAB_ADDRESS, LAB_HERE, LAB_STATE.
export PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/run
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm /run/lock /run/bin /run/rpc_pipefs
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
# JVMs of two guests may have the same pid and would share, and delete, one file here.
for folder in /tmp/hsperfdata_*; do if [ -d "$folder" ]; then mount -t tmpfs tmpfs "$folder"; fi; done

# An identity: the protocol tells hosts apart by name, machine and boot.
hostname "$LAB_HOST"
printf '127.0.0.1 localhost\n10.79.0.1 s\n10.79.0.2 a\n10.79.0.3 b\n' >/run/hosts
mount --bind /run/hosts /etc/hosts
printf '%032x\n' "0x$(printf %s "$LAB_HOST" | od -An -tx1 | tr -d ' \n')" >/run/machine-id
if [ -e /etc/machine-id ]; then mount --bind /run/machine-id /etc/machine-id; fi

# This kernel's modules are not where modprobe looks, be it called by people or by the kernel.
printf '#!/bin/sh\nexec /sbin/modprobe -d %s/modules "$@"\n' "$LAB_STATE" >/run/bin/modprobe
chmod +x /run/bin/modprobe
echo /run/bin/modprobe >/proc/sys/kernel/modprobe

ip link set lo up
ip addr add "$LAB_ADDRESS/24" dev vec0
ip link set vec0 up

mount --bind "$LAB_STATE/$LAB_HOST.nfs" /var/lib/nfs # outlives a crash, as on a disk: locks are reclaimed by it
mkdir -p /var/lib/nfs/{v4recovery,nfsdcld,nfsdcltrack,sm,sm.bak}
touch /var/lib/nfs/{etab,rmtab,state}
rpcbind

serve_nfs() {
  local grace=10
  modprobe nfsd
  mount -t rpc_pipefs rpc_pipefs /run/rpc_pipefs # nfsdcld meets the kernel there
  mount -t nfsd nfsd /proc/fs/nfsd
  mkdir -p /mnt/export
  mount /dev/ubda /mnt/export || exit 1
  if [ ! -e /mnt/export/used ]; then grace=3; fi # a new disk: nobody has anything to reclaim
  touch /mnt/export/used
  echo 3 >/proc/sys/fs/nfs/nlm_timeout
  echo $grace >/proc/sys/fs/nfs/nlm_grace_period # of lockd; while it lasts, NFS 4 gives no locks either
  echo 10 >/proc/fs/nfsd/nfsv4leasetime          # seconds; the kernel takes no less
  echo 10 >/proc/fs/nfsd/nfsv4gracetime
  nfsdcld
  rpc.statd
  exportfs -i -o rw,sync,no_root_squash,no_subtree_check,fsid=0,insecure '*:/mnt/export'
  rpc.nfsd 8
  rpc.mountd -p 20048
}

if [ "$LAB_HOST" = s ]; then
  serve_nfs
else
  modprobe nfsv3
  modprobe nfsv4
  rpc.statd # tells the server of a reboot, which then frees the locks of NFS 3
fi
/usr/bin/python3 -B "$LAB_HERE/guest/remote.py" --serve &
until (: </dev/tcp/127.0.0.1/7079) 2>/dev/null; do sleep 0.1; done
echo "LAB READY"
while :; do wait; sleep 1; done
