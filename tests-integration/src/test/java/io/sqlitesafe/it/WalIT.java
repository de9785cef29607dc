package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases with a write-ahead log on a local file system. */
class WalIT {
  @TempDir Path directory;

  private Path wal() {
    Path db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode=WAL"));
    return db;
  }

  private static String mode(Path db) {
    return Cli.run("journal-mode", db).exits(0).out().strip();
  }

  @Test
  void itStaysWhatItIs() {
    Path db = wal();
    Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
    assertEquals("wal", mode(db));
    assertEquals(List.of("wal"), Db.column(db, "PRAGMA journal_mode"));
    Result read = Cli.run("read", "--format", "list", db, "SELECT v FROM t").exits(0);
    assertTrue(read.out().contains("new"), read::toString);
    Cli.run("write", db, "INSERT INTO t VALUES('x'); INSERT INTO nowhere VALUES(1)").exits(1);
    assertEquals(List.of("old", "new"), Db.column(db, "SELECT v FROM t"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  @Test
  void aNewDatabaseHasTheRollbackJournal() {
    Path db = directory.resolve(Db.AWKWARD);
    Cli.run("write", "--create", db, "CREATE TABLE t(v)").exits(0);
    assertEquals("delete", mode(db));
    assertEquals(List.of("delete"), Db.column(db, "PRAGMA journal_mode"));
  }

  @Test
  void theModeIsChangedUnderTheLock() {
    Path db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)");
    try (Running holder = Cli.hold(db)) {
      Cli.run("journal-mode", "--wait", "0", db, "wal").exits(11).says("pid " + holder.pid());
      holder.say("end");
      holder.await().exits(0);
    }
    for (String mode : List.of("wal", "delete", "wal", "delete")) {
      Map<String, Object> done = Cli.run("journal-mode", "--json", db, mode).exits(0).json();
      assertEquals("journal-mode", done.get("type"));
      assertEquals(mode, mode(db));
    }
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  @Test
  void checkpointMovesTheLogAndSaysWhatReadersKeep() throws SQLException {
    Path db = wal();
    try (Connection reader = Db.open(db, "rw")) {
      Db.execute(reader, "SELECT * FROM t"); // opens the log, which keeps it
      Cli.run("write", db, "INSERT INTO t VALUES('new')").exits(0);
      assertTrue(Files.exists(Db.sibling(db, "-wal")), "the reader keeps the log");
      assertTrue(Db.sibling(db, "-wal").toFile().length() > 0);
      Db.execute(reader, "BEGIN");
      Db.execute(reader, "SELECT * FROM t");
      Cli.run("write", db, "INSERT INTO t VALUES('newer')").exits(0);
      Cli.run("checkpoint", "--wait", "0", "--mode", "passive", db).exits(3);
      Db.execute(reader, "COMMIT");
      Map<String, Object> done = Cli.run("checkpoint", "--json", db).exits(0).json();
      assertEquals(true, done.get("complete"));
      assertEquals(0, Db.sibling(db, "-wal").toFile().length());
    }
    assertEquals(3, Db.integer(db, "SELECT count(*) FROM t"));
  }

  /** A log that a killed writer left behind belongs to the file. */
  @Test
  void theLogOfAKilledWriterIsRead() {
    Path db = wal();
    try (Running writer = Worker.program("keep-open", db).start()) {
      writer.awaitOut("open");
      Cli.run("write", db, "INSERT INTO t VALUES('in the log')").exits(0);
      writer.kill();
    }
    assertTrue(Files.exists(Db.sibling(db, "-wal")));
    Result read = Cli.run("read", "--format", "list", db, "SELECT v FROM t").exits(0);
    assertTrue(read.out().contains("in the log"), read::toString);
    Cli.run("write", db, "INSERT INTO t VALUES('after')").exits(0);
    assertEquals(3, Db.integer(db, "SELECT count(*) FROM t"));
    assertFalse(Files.exists(Db.sibling(db, ".lock")));
    Db.assertSound(db);
  }
}
