# NFS and SMB between real hosts: User-Mode Linux guests s (the NFS server), a and b. They share one set of guests, which
# starts with the first kind and stops with the last. No hypervisor and no module of this machine's kernel is needed.
#   nfs42 nfs40 nfs3  as mounted by default; nfs3 with locks (lockd)
#   nfs3-nolock       locks hold within each host only
#   smb smb-nobrl     Samba on this machine; nobrl: no byte range locks
GUESTS=$STATE/guests

address() {
  case $1 in
  s) echo 10.79.0.1 ;;
  a) echo 10.79.0.2 ;;
  b) echo 10.79.0.3 ;;
  host) echo 10.79.0.254 ;;
  *) fail "no host $1; there are s, a and b" ;;
  esac
}

check_kind() {
  local hidden
  want linux.uml=user-mode-linux ip=iproute2 nsenter=util-linux modprobe=kmod mkfs.ext4=e2fsprogs rpcbind=rpcbind \
    mount.nfs=nfs-common rpc.nfsd=nfs-kernel-server
  case $KIND in smb*) want smbd=samba mount.cifs=cifs-utils ;; esac
  [ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
  for hidden in /run /mnt /dev; do # the guests have their own
    case $(readlink -m "$STATE")/ in "$hidden"/*) skip "its state may not lie in $hidden; set SQLITESAFE_LAB" ;; esac
  done
}

# --- the guests ----------------------------------------------------------------------------------------------

guest_pid() { process_of "$GUESTS/$1.pid" "uml_dir=$GUESTS/"; }

start_guest() { # HOST
  local disk= preload= memory=$GUESTS
  # UML maps its memory from a file and executes from there; a RAM disk is much faster, where it may be executed from.
  if [ "$(df -k --output=avail /dev/shm | tail -1)" -gt 2000000 ] && ! grep -q ' /dev/shm .*noexec' /proc/mounts; then memory=/dev/shm; fi
  [ "$1" != s ] || disk=ubd0=$GUESTS/disk
  rm -rf "$GUESTS/$1" "$GUESTS/$1.log"
  mkdir -p "$GUESTS/$1.nfs"
  # setsid: a process group for each guest. mac: with a random one the others' ARP entries would outlive a boot.
  [ ! -e "$GUESTS/xstate.so" ] || preload=$GUESTS/xstate.so
  # shellcheck disable=SC2086
  TMPDIR=$memory LD_PRELOAD=$preload setsid nsenter --net="/run/netns/$(namespace guests)" -- linux.uml mem=512M "uml_dir=$GUESTS/" "umid=$1" \
    root=/dev/root rootfstype=hostfs rootflags=/ rw "init=$HERE/guest/init.sh" con=null con0=null,fd:1 quiet $disk \
    "vec0:transport=tap,ifname=lab-$1,depth=128,gro=1,mac=52:54:00:79:00:0$(address "$1" | cut -d. -f4)" \
    "LAB_HOST=$1" "LAB_ADDRESS=$(address "$1")" "LAB_HERE=$HERE" "LAB_STATE=$GUESTS" </dev/null >"$GUESTS/$1.log" 2>&1 &
  echo $! >"$GUESTS/$1.pid"
  disown
}

booted() { grep -q '^LAB READY' "$GUESTS/$1.log" 2>/dev/null; }
panicked() { grep '^Kernel panic' "$GUESTS/$1.log"; }
settled() { booted "$1" || panicked "$1"; }
await_guest() {
  soon 240 settled "$1" && booted "$1" || fail "guest $1 does not boot: $(grep 'set fp regs' "$GUESTS/$1.log"; panicked "$1" || tail -3 "$GUESTS/$1.log")"
}

guest_gone() { ! guest_pid "$1" >/dev/null; }

stop_guest() {
  local pid
  pid=$(guest_pid "$1") || return 0
  kill -9 -- "-$pid" 2>/dev/null || :
  soon 10 guest_gone "$1" || :
}

guests_up() {
  local host version
  if [ -d "$GUESTS" ]; then return; fi
  mkdir -p "$GUESTS/modules/lib/modules"
  version=$(linux.uml --version | tail -1)
  ln -s "/usr/lib/uml/modules/$version" "$GUESTS/modules/lib/modules/$version" # where modprobe -d looks
  ! command -v gcc >/dev/null || gcc -O -shared -fPIC -o "$GUESTS/xstate.so" "$HERE/guest/xstate.c"
  ip netns add "$(namespace guests)"
  inside guests sh -ec "ip link set lo up; ip link add switch type bridge; ip addr add $(address host)/24 dev switch; ip link set switch up"
  for host in s a b; do
    inside guests sh -ec "ip tuntap add lab-$host mode tap; ip link set lab-$host master switch; ip link set lab-$host up"
  done
  truncate -s 1G "$GUESTS/disk"
  mkfs.ext4 -q "$GUESTS/disk"
  for host in s a b; do start_guest "$host"; done
  for host in s a b; do await_guest "$host"; done
}

guests_down() {
  local host
  for host in s a b; do stop_guest "$host"; done
  end_namespace guests
  rm -rf "$GUESTS"
}

exec_in_guest() { # HOST CMD...
  local host=$1
  shift
  guest_pid "$host" >/dev/null || fail "guest $host is not running"
  exec nsenter --net="/run/netns/$(namespace guests)" -- $PYTHON -B "$HERE/guest/remote.py" "$(address "$host")" "$@"
}

run_in_guest() { (exec_in_guest "$@"); }

# --- the mounts ----------------------------------------------------------------------------------------------

sides() { echo "a /mnt/$KIND"; echo "b /mnt/$KIND"; }

mount_command() {
  local server=10.79.0.1
  case $KIND in
  # NFS 4 starts at the exported folder, NFS 3 at the server's root.
  nfs42) echo "mount -t nfs -o vers=4.2 $server:/$KIND" ;;
  nfs40) echo "mount -t nfs -o vers=4.0 $server:/$KIND" ;;
  nfs3) echo "mount -t nfs -o vers=3,proto=tcp $server:/mnt/export/$KIND" ;;
  nfs3-nolock) echo "mount -t nfs -o vers=3,proto=tcp,nolock $server:/mnt/export/$KIND" ;;
  smb*) echo "modprobe cifs; mount -t cifs -o guest,vers=3.1.1,port=$(samba_port)$(smb_options) //$(address host)/$KIND" ;;
  esac
}

# Samba listens before it serves; and a server that boots takes its time.
mount_in() { soon 30 mount_once "$1" || fail "cannot mount $KIND in $1: $(mount_once "$1" 2>&1 | tail -3)"; }
mount_once() { run_in_guest "$1" sh -ec "mkdir -p /mnt/$KIND; $(mount_command) /mnt/$KIND"; }

# A host that boots has lost the mounts of all kinds, not only of the one that it was crashed for.
mount_all_in() {
  local other
  for other in "$STATE"/nfs* "$STATE"/smb*; do
    if [ -d "$other" ]; then (KIND=${other##*/}; DIR=$other; mount_in "$1"); fi
  done
}

up() {
  local host
  guests_up
  case $KIND in
  smb*) samba_up ;;
  *) run_in_guest s mkdir -p "/mnt/export/$KIND" ;;
  esac
  for host in a b; do mount_in "$host"; done
}

# The guests go with the last mount; killed ones need no unmounting. A mount that outlives its kind harms nobody but the next one.
down() {
  local host other
  end_process "$DIR/smbd.pid" "$DIR/smb.conf"
  for other in "$STATE"/nfs* "$STATE"/smb*; do
    if [ -d "$other" ] && [ "$other" != "$DIR" ]; then
      for host in a b; do timeout 30 "$0" exec "$KIND" "$host" umount -l "/mnt/$KIND"; done
      case $KIND in nfs*) timeout 30 "$0" exec "$KIND" s rm -rf "/mnt/export/$KIND" ;; esac
      return
    fi
  done
  guests_down
}

smb_options() { case $KIND in smb-nobrl) echo ,nobrl ;; esac; }
samba_port() { if [ "$KIND" = smb ]; then echo 445; else echo 446; fi; }

samba_up() {
  mkdir -p "$DIR/served" "$DIR/samba"
  {
    printf '%s\n' '[global]' 'server role = standalone server' 'map to guest = Bad User' 'guest account = root' \
      'disable netbios = yes' 'load printers = no' 'disable spoolss = yes' 'bind interfaces only = yes'
    echo "smb ports = $(samba_port)"
    echo "interfaces = $(address host)/24"
    for folder in 'lock' 'state' 'cache' 'pid' 'private' 'ncalrpc'; do
      mkdir -p "$DIR/samba/$folder"
      case $folder in private | ncalrpc) echo "$folder dir = $DIR/samba/$folder" ;; *) echo "$folder directory = $DIR/samba/$folder" ;; esac
    done
    printf '%s\n' "[$KIND]" "path = $DIR/served" 'read only = no' 'guest ok = yes' 'force user = root'
  } >"$DIR/smb.conf"
  inside guests setsid smbd -F --no-process-group -s "$DIR/smb.conf" </dev/null >"$DIR/samba/log" 2>&1 &
  echo $! >"$DIR/smbd.pid"
  disown
  soon 20 inside guests sh -c "ss -Hltn 'sport = :$(samba_port)' | grep -q ." || fail "smbd does not listen: $(tail -2 "$DIR/samba/log")"
}

seed() {
  case $KIND in
  smb*) cp "$1" "$DIR/served/" ;;
  *) run_in_guest s sh -ec "cp '$1' '/mnt/export/$KIND/'; sync" ;; # it must outlive a crash of the server
  esac
}

fetch() { # FILE DESTINATION: as the server has it
  case $KIND in
  smb*) cp "$DIR/served/$1" "$2" ;;
  *) run_in_guest s cp "/mnt/export/$KIND/$1" "$2" ;;
  esac
}

# --- faults --------------------------------------------------------------------------------------------------

fault() { # HOST freeze|thaw|crash|boot|cut|mend|clock|unclock, or s fill|free
  local pid
  case $2 in
  # Only the kernel's process: the guest's processes are its traced children, and would take a stop for a signal of theirs.
  freeze | thaw)
    pid=$(guest_pid "$1") || fail "guest $1 is not running"
    if [ "$2" = freeze ]; then kill -STOP "$pid"; else kill -CONT "$pid"; fi
    ;;
  crash) stop_guest "$1" ;;
  boot)
    start_guest "$1"
    await_guest "$1"
    if [ "$1" != s ]; then mount_all_in "$1"; fi
    ;;
  cut) inside guests ip link set "lab-$1" nomaster ;;
  mend) inside guests ip link set "lab-$1" master switch ;;
  clock) run_in_guest "$1" date -s '+1 hour' >/dev/null ;;
  unclock) run_in_guest "$1" date -s '-1 hour' >/dev/null ;;
  fill) run_in_guest s sh -c "dd if=/dev/zero of=/mnt/export/filler bs=1M; dd if=/dev/zero of=/mnt/export/filler bs=4k oflag=append conv=notrunc" 2>/dev/null >&2 || : ;;
  free) run_in_guest s rm -f /mnt/export/filler ;;
  *) fail "no fault $2 on $KIND" ;;
  esac
}
