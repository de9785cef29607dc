#!/bin/sh
# All tables of this directory beside the peers from Debian, as one report in Markdown on standard output.
#   all.sh [--full] [--only PART,PART] [--directory DIR] > REPORT.md && ./plots.py
# Parts: startup, overhead, handover, network, contention, closed, writers, snapshots, busy, sizes, changesets, apply, output. The default sizes take a quarter
# of an hour on two cores, --full (databases of 1 GB) some hours and 8 GB of room. Nothing else should run meanwhile.
# A part that fails, or whose peer is missing, says so in its place and does not end the rest.
exec python3 "$(dirname "$0")/all.py" "$@"
