/** The library: ordinary SQLite files, kept safe where others work on them too. */
module io.sqlitesafe {
  requires com.github.luben.zstd_jni;
  requires transitive java.sql;
  requires static org.jspecify;
  requires org.xerial.sqlitejdbc;
  requires tools.jackson.core;

  exports io.sqlitesafe;
  exports io.sqlitesafe.changeset;
  exports io.sqlitesafe.changeset.capture;
  exports io.sqlitesafe.changeset.diff;
  exports io.sqlitesafe.db;
  exports io.sqlitesafe.doctor;
  exports io.sqlitesafe.error;
  exports io.sqlitesafe.fs;
  exports io.sqlitesafe.lock;
  exports io.sqlitesafe.pages;
  exports io.sqlitesafe.probe;
  exports io.sqlitesafe.recover;
  exports io.sqlitesafe.snapshot;
  exports io.sqlitesafe.snapshot.check;
  exports io.sqlitesafe.snapshot.copy;
  exports io.sqlitesafe.snapshot.file;
  exports io.sqlitesafe.snapshot.manifest;
}
