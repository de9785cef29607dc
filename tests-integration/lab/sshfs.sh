# sshfs, with the SFTP server started by itself in place of an ssh connection.
#   sshfs           as mounted by default: names and attributes cached for 20 s
#   sshfs-uncached  no cache in sshfs, none in the kernel

check_kind() {
  want sshfs=sshfs fusermount3=fuse3
  want_fuse
  [ -x /usr/lib/openssh/sftp-server ] || skip "not installed: openssh-sftp-server (tests-integration/lab/install.sh)"
}

up() {
  local side options=
  [ "$KIND" = sshfs ] || options=,dir_cache=no,attr_timeout=0,entry_timeout=0,negative_timeout=0
  mkdir -p "$DIR/served"
  for side in a b; do
    mkdir -p "$DIR/$side"
    printf '#!/bin/sh\necho $$ >"%s"\nexec /usr/lib/openssh/sftp-server\n' "$DIR/server-$side" >"$DIR/ssh-$side"
    chmod +x "$DIR/ssh-$side"
    sshfs -o "ssh_command=$DIR/ssh-$side$options" "here:$DIR/served" "$DIR/$side" </dev/null
  done
}

down() {
  local side
  for side in a b; do
    fault "$side" heal
    unmount "$DIR/$side"
    end_process "$DIR/server-$side" sftp-server
  done
}

seed() { cp "$1" "$DIR/served/"; }

fault() { # SIDE freeze|heal
  local pid
  pid=$(process_of "$DIR/server-$1" sftp-server) || return 0
  case $2 in
  freeze) kill -STOP "$pid" ;;
  heal) kill -CONT "$pid" ;;
  *) fail "no fault $2 on $KIND" ;;
  esac
}

fetch() { cp "$DIR/served/$1" "$2"; } # FILE DESTINATION: as the server has it
