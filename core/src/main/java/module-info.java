/** The library: ordinary SQLite files, kept safe where others work on them too. */
module io.sqlitesafe {
  requires com.github.luben.zstd_jni;
  requires transitive java.sql;
  requires static transitive org.jspecify;
  requires org.xerial.sqlitejdbc;
  requires tools.jackson.core;

  exports io.sqlitesafe;
  exports io.sqlitesafe.changeset;
  exports io.sqlitesafe.doctor;
  exports io.sqlitesafe.error;
  exports io.sqlitesafe.lock;
  exports io.sqlitesafe.mount;
  exports io.sqlitesafe.probe;
  exports io.sqlitesafe.recover;
  exports io.sqlitesafe.snapshot;
  exports io.sqlitesafe.sql;
  exports io.sqlitesafe.internal.capture to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.changeset to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.check to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.copy to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.db to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.file to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.fs to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.host to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.lock to
      io.sqlitesafe.cli;
  exports io.sqlitesafe.internal.snapshot to
      io.sqlitesafe.cli;
}
