#!/bin/sh
# install-node.sh FOLDER: installs the lockers of Node.js that the tests are made with, at the versions that were measured, into FOLDER,
# which is kept. Without npm, or without a network, it fails, and the tests that need them are skipped by name.
set -eu
folder=$1
[ -d "$folder/node_modules/proper-lockfile" ] && [ -d "$folder/node_modules/node-sqlite3-wasm" ] && exit 0
command -v node >/dev/null && command -v npm >/dev/null
mkdir -p "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" node-sqlite3-wasm@0.8.60 proper-lockfile@4.1.2 >&2
