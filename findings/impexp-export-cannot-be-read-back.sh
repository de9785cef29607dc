#!/bin/sh
# libsqlite3-mod-impexp 0.9998 (Debian 0.9998-3+b1, sqliteodbc's import and export functions) with sqlite3 3.40.1
# Expected: export_sql() writes what the shell's own .dump writes, or fails; its result is the number of statements.
# Seen: it answers with a number, and an infinite REAL stands in the script as the word Inf, so that this row is lost when it is loaded ("no such column"); a REAL
# gets 15 digits, which is another number; user_version and application_id are not in it. The shell's .dump keeps these rows.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
for package in libsqlite3-mod-impexp=0.9998-3+b1 sqlite3 libsqlite3-0 libreadline8; do
  apt-get download "$package" >/dev/null 2>&1 || { echo "SKIP: cannot download $package"; exit 77; }
done
for deb in ./*.deb; do dpkg -x "$deb" root; done
LD_LIBRARY_PATH=$(find "$work/root" -name 'lib*.so*' -printf '%h\n' | sort -u | tr '\n' ':'); export LD_LIBRARY_PATH
sqlite=$work/root/usr/bin/sqlite3
module=$(find root -name 'libsqlite3_mod_impexp.so')
case $("$sqlite" --version) in 3.40.1*) ;; *) echo "SKIP: another sqlite3"; exit 77 ;; esac
"$sqlite" a.db "CREATE TABLE t(id INTEGER PRIMARY KEY, r REAL, s TEXT);
  INSERT INTO t VALUES(1, 0.1 + 0.2, 'a'), (2, 9e999, 'b'), (3, 1.5, 'c');"
"$sqlite" a.db ".load $work/$module" "SELECT export_sql('a.sql', 0);"
"$sqlite" a.db .dump >b.sql
for script in a b; do
  "$sqlite" "new-$script.db" <"$script.sql" 2>/dev/null || true
  "$sqlite" "new-$script.db" "SELECT group_concat(id || ':' || (r = (SELECT r FROM old.t WHERE id = new.id)) || ':' || hex(s), ' ') FROM t AS new" \
    -cmd "ATTACH 'a.db' AS old" | sed "s/^/$script: /" | tee -a out
done
[ "$(cat out)" = "a: 1:0:61 3:1:63
b: 1:1:61 2:1:62 3:1:63" ]
echo "as found"
