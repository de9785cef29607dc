#!/bin/sh
# DBD::SQLite 1.72 (Debian libdbd-sqlite3-perl 1.72-1)
# Expected: begin_work is SQLite's BEGIN, so that a transaction that only reads takes a shared lock, beside which others read and begin to write.
# Seen: since sqlite_use_immediate_transaction is on, the first SELECT after begin_work takes the write lock: a second reader in a transaction
# gets "database is locked", and so does a writer.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fetch() { apt-get download "$1" >/dev/null 2>&1 || { echo "SKIP: cannot download $1"; exit 77; }; }
fetch libdbd-sqlite3-perl=1.72-1; fetch libdbi-perl=1.643-4+deb12u1; fetch libsqlite3-0=3.40.1-2+deb12u2
for deb in ./*.deb; do dpkg -x "$deb" root; done
PERL5LIB=$(find "$work/root/usr/lib" -type d -name 5.36 | head -n 1)
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libsqlite3.so.0' | head -n 1)")
export PERL5LIB LD_LIBRARY_PATH

perl -MDBI -e '
  sub open_it { my $c = DBI->connect("dbi:SQLite:a.db", "", "", {PrintError => 0, AutoInactiveDestroy => 1}); $c->sqlite_busy_timeout(0); $c }
  my ($first, $second, $third) = (open_it(), open_it(), open_it());
  print "DBD::SQLite $DBD::SQLite::VERSION\n";
  $first->do("CREATE TABLE t(x)");
  $first->begin_work; $first->selectall_arrayref("SELECT * FROM t");
  $second->begin_work;
  print "second reader: ", ($second->selectall_arrayref("SELECT * FROM t") ? "reads" : $second->errstr), "\n";
  print "writer: ", ($third->do("INSERT INTO t VALUES(1)") ? "writes" : $third->errstr), "\n";
  $first->rollback; $second->rollback if !$second->{AutoCommit}; $_->disconnect for ($first, $second, $third);
' | tee out
grep -q '^second reader: database is locked$' out
grep -q '^writer: database is locked$' out
echo "as found"
