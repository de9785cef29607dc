#!/bin/sh
# sqlite-utils 3.30 (Debian 3.30-1+deb12u1)
# Expected: "transform --rename" renames a column and keeps the rest of the table.
# Seen: the table is made anew from its columns' types alone: index, trigger, CHECK, COLLATE, the generated column and AUTOINCREMENT are gone, with exit status 0 and
# no message. Without AUTOINCREMENT the identifier of a deleted row is given out again.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
for package in sqlite-utils=3.30-1+deb12u1 python3-click=8.1.3-2 python3-click-default-group=1.2.2-3 python3-sqlite-fts4=1.0.3-2 \
    python3-tabulate=0.8.9-1 python3-dateutil=2.8.2-2 python3-six=1.16.0-4 python3-pkg-resources=66.1.1-1+deb12u2 \
    sqlite3=3.40.1-2+deb12u2; do
  fetch "$package"
done
for deb in ./*.deb; do dpkg -x "$deb" root; done
[ -x /usr/bin/python3 ] || { echo "SKIP: no /usr/bin/python3"; exit 77; }
sqlite_utils() { PYTHONPATH=$work/root/usr/lib/python3/dist-packages /usr/bin/python3 -m sqlite_utils "$@"; }
sqlite3=$work/root/usr/bin/sqlite3

$sqlite3 a.db "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE CHECK(length(name) < 9), twice INT AS (id * 2) STORED);
  CREATE INDEX i ON t(name) WHERE name > 'a'; CREATE TABLE log(x);
  CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.id); END;
  INSERT INTO t(name) VALUES('a'),('b'),('c'); DELETE FROM t WHERE id=3"
sqlite_utils transform a.db t --rename name label
echo "exit status $?"
$sqlite3 a.db "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'"
echo "next identifier after 3 was deleted: $($sqlite3 a.db "INSERT INTO t(label) VALUES('longer than nine') RETURNING id")"
[ "$($sqlite3 a.db "SELECT count(*) FROM sqlite_schema WHERE type IN ('index', 'trigger')")" = 0 ]
[ "$($sqlite3 a.db "SELECT max(id) FROM t")" = 3 ]
[ "$($sqlite3 a.db "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%CHECK%' OR sql LIKE '%COLLATE%' OR sql LIKE '%STORED%' OR sql LIKE '%AUTOINCREMENT%'")" = 0 ]
echo "as found"
