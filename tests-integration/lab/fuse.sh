# FUSE file systems in user space, where faults can be put in by rules (faultfs.py). Two mounts of one folder, as two
# hosts have it: no file locks in common.
#   fuse         nothing is cached
#   fuse-cached  attributes, names and missing names are believed for 60 s

check_kind() {
  want fusermount3=fuse3
  want_fuse
  $PYTHON -c 'import fusepy' 2>/dev/null || skip "not installed: python3-fusepy (tests-integration/lab/install.sh)"
}

up() {
  local side believe=0
  [ "$KIND" = fuse ] || believe=60
  mkdir -p "$DIR/served"
  for side in a b; do
    mkdir -p "$DIR/$side"
    setsid $PYTHON -B "$HERE/faultfs.py" "$DIR/served" "$DIR/$side" --rules "$DIR/rules-$side" --believe "$believe" \
      </dev/null >"$DIR/log-$side" 2>&1 &
    echo $! >"$DIR/pid-$side"
    disown
  done
  for side in a b; do soon 20 mountpoint -q "$DIR/$side" || fail "faultfs.py: $(cat "$DIR/log-$side")"; done
}

down() {
  local side
  for side in a b; do
    rm -f "$DIR/rules-$side"
    unmount "$DIR/$side"
    end_process "$DIR/pid-$side" faultfs.py
  done
}

seed() { cp "$1" "$DIR/served/"; }

# errno: one operation in five on lock and database fails. lost: it is done, and called failed. delay: it takes its time.
# freeze: nothing is answered any more (the network is cut).
fault() { # SIDE errno|lost|delay|freeze|heal
  local rule pid
  case $2 in
  errno) rule='{"chance": 0.2, "errno": "EIO"}' ;;
  lost) rule='{"operations": "mkdir rmdir rename unlink create", "chance": 0.3, "errno": "EIO", "done": true}' ;;
  delay) rule='{"chance": 0.1, "seconds": 1.0}' ;;
  heal)
    rm -f "$DIR/rules-$1"
    if pid=$(process_of "$DIR/pid-$1" faultfs.py); then kill -CONT "$pid"; fi
    return
    ;;
  freeze)
    if pid=$(process_of "$DIR/pid-$1" faultfs.py); then kill -STOP "$pid"; fi
    return
    ;;
  *) fail "no fault $2 on $KIND" ;;
  esac
  echo "[$rule]" >"$DIR/rules-$1.new"
  mv "$DIR/rules-$1.new" "$DIR/rules-$1"
}

fetch() { cp "$DIR/served/$1" "$2"; } # FILE DESTINATION: as the server has it
