# GlusterFS: a volume of three replicas and two clients, all on this machine, in a network of their own.
#   gluster         as it comes
#   gluster-strict  every cache of the volume and of the mounts off
ADDRESS=10.78.0.1 # one that is no loopback address, which glusterd refuses

check_kind() {
  want glusterd=glusterfs-server glusterfs=glusterfs-client gluster=glusterfs-cli ip=iproute2 nsenter=util-linux
  want_fuse
}

manage() { inside gluster gluster --mode=script --glusterd-sock="$DIR/socket" "$@"; }

up() {
  local side option number mount_options=
  mkdir -p "$DIR/log" "$DIR/etc" "$DIR/run" /var/run/gluster /var/log/glusterfs "$DIR"/brick{1,2,3}/data
  ip netns add "$(namespace gluster)"
  inside gluster sh -ec "ip link set lo up; ip link add net0 type bridge; ip addr add $ADDRESS/24 dev net0; ip link set net0 up"
  {
    echo 'volume management'
    echo '  type mgmt/glusterd'
    echo "  option working-directory $DIR/etc"
    echo "  option run-directory $DIR/run"
    echo "  option glusterd-sockfile $DIR/socket"
    echo '  option transport-type socket'
    echo 'end-volume'
  } >"$DIR/glusterd.vol"
  inside gluster glusterd -f "$DIR/glusterd.vol" -p "$DIR/run/glusterd.pid" --log-file="$DIR/log/glusterd.log"
  soon 30 manage pool list || fail "glusterd does not answer: $(tail -2 "$DIR/log/glusterd.log")"
  manage volume create lab replica 3 "$ADDRESS:$DIR/brick1/data" "$ADDRESS:$DIR/brick2/data" "$ADDRESS:$DIR/brick3/data" force >/dev/null
  if [ "$KIND" = gluster-strict ]; then
    for option in quick-read io-cache write-behind stat-prefetch read-ahead readdir-ahead open-behind; do
      manage volume set lab "performance.$option" off >/dev/null
    done
    mount_options='--attribute-timeout=0 --entry-timeout=0 --negative-timeout=0 --direct-io-mode=enable'
  fi
  manage volume start lab >/dev/null
  for side in a b; do
    mkdir -p "$DIR/$side"
    # shellcheck disable=SC2086
    inside gluster glusterfs --volfile-server=$ADDRESS --volfile-id=lab --log-file="$DIR/log/$side.log" $mount_options "$DIR/$side"
  done
  for side in a b; do soon 30 touch "$DIR/$side/up" || fail "the volume does not come up: $(tail -2 "$DIR/log/$side.log")"; done
  for number in 1 2 3; do soon 30 test -e "$DIR/brick$number/data/up" || fail "brick $number does not come up"; done
  rm -f "$DIR/a/up"
}

down() {
  unmount "$DIR/a" "$DIR/b"
  end_namespace gluster
}

seed() { cp "$1" "$DIR/a/"; }

fault() { fail "no fault $2 on $KIND"; }

fetch() { cp "$DIR/a/$1" "$2"; } # FILE DESTINATION: as the server has it
