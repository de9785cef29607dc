#!/bin/sh
# Checks the lock protocol, lock.pml, with Spin.  The runs are listed in runs.tsv.
#   run-model.sh [--short]   exhaustive runs that take less than a minute and a half in all (default)
#   run-model.sh --long      all runs, the short ones too
#   run-model.sh NAME...     only these runs; "F20" stands for every name that begins with F20_
#   run-model.sh --list      the names, expectations and defines
# One line a run: name, expectation, result, states, seconds; then "N passed, N failed".
# Exit status: 0 all as expected, 1 some run was not, 2 wrong usage, 77 no Spin or no compiler.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 2
table=$here/runs.tsv
tab=$(printf '\t')

usage() { sed -n 's/^#   //p' "$0" >&2; exit 2; }

select_by=short
case ${1-} in
  --short) shift; [ $# -eq 0 ] || usage ;;
  --long) select_by=all; shift; [ $# -eq 0 ] || usage ;;
  --list) grep -v '^#' "$table"; exit 0 ;;
  -*) usage ;;
  ?*) select_by=name ;;
esac

for name in "$@"; do
  if ! cut -f1 "$table" | grep -q -e "^${name}\$" -e "^${name}_"; then
    echo "run-model.sh: no run is called $name" >&2
    exit 2
  fi
done

missing() { echo "SKIP model: $1 is not installed (Debian package $1)"; exit 77; }
command -v spin >/dev/null 2>&1 || missing spin
command -v gcc >/dev/null 2>&1 || missing gcc

search=
work=$(mktemp -d) || exit 2
cleanup() {
  if [ -n "$search" ]; then kill "$search" 2>/dev/null; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cp "$here/lock.pml" "$work/" && cd "$work" || exit 2

selected() { # name set
  case $select_by in
    all) return 0 ;;
    short) [ "$2" = short ]; return ;;
  esac
  for wanted in $names; do
    case $1 in "$wanted" | "$wanted"_*) return 0 ;; esac
  done
  return 1
}

# Those that are to find something soon do, so that the compiler takes more time than the search.
build() { # kind defines expected
  flags='-DSAFETY -DNOCLAIM'
  if [ "$1" = live ]; then flags='-DNFAIR=8'; fi
  optimise=-O1
  if [ "$3" = violated ]; then optimise=-O0; fi
  options=
  for define in $2; do options="$options -D$define"; done
  rm -f pan pan.* ./*.trail out
  # shellcheck disable=SC2086  # lists of options
  spin -a $options lock.pml >build.log 2>&1 &&
    gcc -w $optimise $flags -DCOLLAPSE -DMEMLIM=8000 -o pan pan.c >>build.log 2>&1
}

explore() { # kind option
  set -- "$1" "${2#-}"
  # shellcheck disable=SC2086  # empty when there is none
  if [ "$1" = live ]; then
    ./pan -a -f -m3000000 -N live ${2:+-$2} >out 2>&1 &
  else
    ./pan -m3000000 ${2:+-$2} >out 2>&1 &
  fi
  search=$!
  wait "$search"
  search=
}

# What pan found.  "clean" only when the whole state space was searched without meeting a limit.
verdict() {
  if grep -Eq '^pan:[0-9]*: .*(assertion violated|invalid end state|acceptance cycle)' out; then echo violated
  elif grep -Eiq 'depth too small|not completed|out of memory|MEMLIM' out; then echo limit
  elif grep -q 'errors: 0$' out && grep -q 'states, stored' out; then echo clean
  else echo error
  fi
}

names="$*"
passed=0
failed=0
while IFS=$tab read -r name kind option expected finding set defines <&3; do
  case $name in '' | '#'*) continue ;; esac
  selected "$name" "$set" || continue
  start=$(date +%s)
  states=-
  if build "$kind" "$defines" "$expected"; then
    explore "$kind" "$option"
    result=$(verdict)
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' out)
    if [ "$result" = violated ] && ! grep -Fq "$finding" out; then result=other-violation; fi
  else
    result=build-error
    cp build.log out
  fi
  printf '%-28s %-8s  %-8s %10s states %4d s\n' "$name" "$expected" "$result" "${states:--}" $(($(date +%s) - start))
  if [ "$result" = "$expected" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    grep -v '^Depth=' out | head -n 12 | sed 's/^/    /' >&2
  fi
done 3<"$table"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
