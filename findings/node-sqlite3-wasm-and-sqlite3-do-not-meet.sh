#!/bin/sh
# node-sqlite3-wasm 0.8.60 (npm), sqlite3 3.40.1 (Debian 3.40.1-2+deb12u2)
# Expected: a port of SQLite with file system access locks a database as SQLite does, so that it can share the file with other programs.
# Seen: it locks by making a directory DATABASE.lock, which no other SQLite looks at. While it is inside BEGIN IMMEDIATE the sqlite3 shell writes and commits at
# once; its own commit then writes its older page back, and the acknowledged row of the shell is gone.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch sqlite3=3.40.1-2+deb12u2
for deb in ./*.deb; do dpkg -x "$deb" root; done
npm install --silent --no-fund --no-audit node-sqlite3-wasm@0.8.60 >/dev/null 2>&1 || { echo "SKIP: cannot install from npm"; exit 77; }
SQLITE3=$work/root/usr/bin/sqlite3; export SQLITE3
cat >meet.js <<'J'
const { Database } = require("node-sqlite3-wasm");
const { execFileSync } = require("child_process");
const shell = (sql) => execFileSync(process.env.SQLITE3, ["a.db", sql], { encoding: "utf8" }).trim();
shell("CREATE TABLE t(who)");
const db = new Database("a.db");
db.exec("BEGIN IMMEDIATE");
db.exec("INSERT INTO t VALUES('wasm')");
console.log("the lock:", require("fs").readdirSync(".").filter((name) => name.startsWith("a.db.")).join(" "));
shell("INSERT INTO t VALUES('shell')");
console.log("the shell committed; it sees:", shell("SELECT group_concat(who) FROM t"));
db.exec("COMMIT");
db.close();
console.log("afterwards:", shell("SELECT group_concat(who) FROM t"));
J
node meet.js | tee out
[ "$(sed -n 2p out)" = "the shell committed; it sees: shell" ]
[ "$(sed -n 3p out)" = "afterwards: wasm" ]
echo "as found"
