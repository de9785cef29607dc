#!/bin/sh
# Copies and checks of a big database, beside sqlite3's commands and cp; prints Markdown tables.
#   snapshots.sh [--rows 1000000] [--runs 5] [--directory DIR] [--only PART,PART]
# Parts: quiet, checks, many, busy, reflink. A million rows make a database of 1 GB; it takes 8 GB of room and,
# with five runs, half an hour on two cores. Reflinks are tried on loop-mounted xfs and btrfs, by root only.
exec python3 "$(dirname "$0")/snapshots.py" "$@"
