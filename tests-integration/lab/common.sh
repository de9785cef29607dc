# Read by every part of the laboratory: where its state lies, how it refuses, how it waits.
HERE=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
STATE=${SQLITESAFE_LAB:-${TMPDIR:-/tmp}/sqlite-safe-lab}
PATH=$PATH:/usr/sbin:/sbin
PYTHON=/usr/bin/python3 # Debian's own, which finds Debian's fusepy

fail() { echo "lab: $*" >&2; exit 1; }
skip() { echo "SKIP lab $KIND: $*"; exit 77; }

# want COMMAND=PACKAGE...: skips, naming the packages, where a command is missing.
want() {
  local pair missing=
  [ "$(id -u)" -eq 0 ] || skip "mounting needs root"
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
  done
  [ -z "$missing" ] || skip "not installed:$missing (tests-integration/lab/install.sh)"
}

want_fuse() { [ -c /dev/fuse ] || skip "there is no /dev/fuse"; }

# soon SECONDS CMD...: until CMD succeeds.
soon() {
  local tenths=$(($1 * 10))
  shift
  while ! "$@" >/dev/null 2>&1; do
    tenths=$((tenths - 1))
    [ "$tenths" -gt 0 ] || return 1
    sleep 0.1
  done
}

# A lazy unmount last: a hung server must not keep the laboratory from going away.
unmount() {
  local place
  for place in "$@"; do
    if mountpoint -q "$place" 2>/dev/null || grep -qs " $place " /proc/self/mounts; then
      timeout 5 umount "$place" 2>/dev/null || umount -l "$place"
    fi
  done
}

# A pid file may outlive its process and the number be somebody else's by now: the command line decides.
process_of() { # PIDFILE WORD-OF-ITS-COMMAND-LINE
  local pid
  pid=$(cat "$1" 2>/dev/null) && grep -qsaF -- "$2" "/proc/$pid/cmdline" && echo "$pid"
}

process_gone() { ! process_of "$@" >/dev/null; } # kill -0 would call a zombie alive

end_process() { # PIDFILE WORD
  local pid
  pid=$(process_of "$1" "$2") || return 0
  kill -CONT "$pid" 2>/dev/null || :
  kill -9 "$pid" 2>/dev/null || :
  soon 10 process_gone "$@" || :
}

# A network of its own, so that no port and no address of this machine is touched.
namespace() { echo "sqlite-safe-$1-$(printf %s "$STATE" | cksum | cut -d' ' -f1)"; }
inside() { nsenter --net="/run/netns/$(namespace "$1")" -- "${@:2}"; } # not "ip netns exec": that hides mounts
end_namespace() {
  local name pids
  name=$(namespace "$1")
  [ -e "/run/netns/$name" ] || return 0
  pids=$(ip netns pids "$name" || :)
  # shellcheck disable=SC2086
  [ -z "$pids" ] || kill -9 $pids 2>/dev/null || : # all in it is ours
  ip netns del "$name"
  [ -n "$(ls /run/netns)" ] || umount /run/netns 2>/dev/null || :
}

sides() { echo "a $1/a"; echo "b $1/b"; }
