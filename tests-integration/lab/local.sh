# File systems of this machine. Both sides are the same mount, except for overlays.
#   ext4 xfs btrfs tmpfs  a small one of its own
#   overlay               one overlay mount
#   overlay-uppers        two containers: the same lower folder under two upper ones
#   overlay-lower         a host that writes the folder (a) which is the lower one of a container (b)

filesystem() { echo "${KIND%%-*}"; }

check_kind() {
  case $KIND in
  ext4) want mkfs.ext4=e2fsprogs losetup=mount ;;
  xfs) want mkfs.xfs=xfsprogs losetup=mount ;;
  btrfs) want mkfs.btrfs=btrfs-progs losetup=mount ;;
  *) want mount=mount ;;
  esac
  grep -qw "$(filesystem)" /proc/filesystems || modprobe -q "$(filesystem)" || skip "this kernel has no $(filesystem)"
  case $KIND in ext4 | xfs | btrfs) losetup -f >/dev/null 2>&1 || skip "there are no loop devices" ;; esac
}

overlay_mount() { # UPPER WHERE
  mkdir -p "$DIR/lower" "$DIR/$1" "$DIR/$1.work" "$2"
  mount -t overlay overlay -o "lowerdir=$DIR/lower,upperdir=$DIR/$1,workdir=$DIR/$1.work" "$2"
}

up() {
  mkdir -p "$DIR/a" "$DIR/b"
  case $KIND in
  ext4 | xfs | btrfs)
    truncate -s 400M "$DIR/image"
    "mkfs.$KIND" -q "$DIR/image" >&2
    mount -o loop "$DIR/image" "$DIR/a"
    ;;
  tmpfs) mount -t tmpfs -o size=200M tmpfs "$DIR/a" ;;
  overlay) overlay_mount upper "$DIR/a" ;;
  overlay-uppers)
    overlay_mount upper-a "$DIR/a"
    overlay_mount upper-b "$DIR/b"
    ;;
  overlay-lower)
    overlay_mount upper "$DIR/b"
    mount --bind "$DIR/lower" "$DIR/a"
    ;;
  esac
  mountpoint -q "$DIR/b" || mount --bind "$DIR/a" "$DIR/b"
}

down() { unmount "$DIR/b" "$DIR/a"; }

# What both sides see in the beginning. In an overlay that means the lower folder.
seed() {
  case $KIND in
  overlay-uppers | overlay-lower) cp "$1" "$DIR/lower/" ;;
  *) cp "$1" "$DIR/a/" ;;
  esac
}

fault() { # SIDE fill|free
  case $2 in
  fill) fill_disk "$DIR/a" ;;
  free) rm -f "$DIR/a/filler" ;;
  *) fail "no fault $2 on $KIND" ;;
  esac
}

# dd: where fallocate would stop at a round number, it takes the last block too.
fill_disk() { dd if=/dev/zero of="$1/filler" bs=1M conv=fsync 2>/dev/null || :; dd if=/dev/zero of="$1/filler" bs=4k oflag=append conv=notrunc,fsync 2>/dev/null || :; }

fetch() { cp "$DIR/a/$1" "$2"; } # FILE DESTINATION: as the server has it
