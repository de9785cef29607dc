package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A crashed writer's journal, with half of its transaction in the file already. */
class HotJournalIT {
  private static final String SUM = "SELECT sum(n) FROM t";
  private static final long ROWS = 300;

  @TempDir Path directory;
  private Path db;

  /** Copies file and journal out of the middle of a transaction, which is what a crash leaves. */
  @BeforeEach
  void crash() throws SQLException, IOException {
    Path source =
        Db.create(
            directory,
            "source.db",
            "CREATE TABLE t(n INT, body)",
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 300)"
                + " INSERT INTO t SELECT 1, zeroblob(900) FROM c");
    db = directory.resolve(Db.AWKWARD);
    try (Connection connection = Db.open(source, "rw")) {
      Db.execute(connection, "PRAGMA cache_size=3");
      Db.execute(connection, "BEGIN IMMEDIATE");
      Db.execute(connection, "UPDATE t SET n = 1000");
      Files.copy(source, db);
      Files.copy(Db.sibling(source, "-journal"), Db.sibling(db, "-journal"));
      Db.execute(connection, "ROLLBACK");
    }
    Path without = directory.resolve("without journal.db");
    Files.copy(db, without);
    assertTrue(
        !Db.column(without, SUM).equals(List.of(Long.toString(ROWS))), "the journal is needed");
  }

  @Test
  void readRecoversItUnderTheLock() {
    Result read = Cli.run("read", "--format", "list", db, SUM).exits(0);
    assertTrue(read.out().lines().anyMatch("300"::equals), read::toString);
    read.says("rolled back the journal that a crashed writer had left");
    assertRecovered();
  }

  @Test
  void writeRecoversItAndTells() {
    Map<String, Object> first = Cli.run("write", "--json", db, "SELECT 1").exits(0).json();
    assertEquals(true, first.get("recoveredJournal"));
    Map<String, Object> second = Cli.run("write", "--json", db, "SELECT 1").exits(0).json();
    assertEquals(false, second.get("recoveredJournal"));
    assertRecovered();
  }

  @Test
  void writeTellsPeople() {
    Cli.run("write", db, "SELECT 1").exits(0).says("rolled back the journal");
    assertRecovered();
  }

  @Test
  void withLockGivesItsCommandARecoveredFile() {
    Cli.run("with-lock", db, "--", "sh", "-c", "test ! -e \"$1\"", "sh", Db.sibling(db, "-journal"))
        .exits(0);
    assertRecovered();
  }

  /** A reader may not touch the journal, so it waits for whoever has the lock. */
  @Test
  void readWaitsForTheLockToRecover() {
    Path journal = Db.sibling(db, "-journal");
    Path aside = Db.sibling(db, ".aside");
    assertTrue(journal.toFile().renameTo(aside.toFile()));
    try (Running holder = Cli.hold(db)) {
      assertTrue(aside.toFile().renameTo(journal.toFile()));
      Cli.run("read", "--wait", "0", db, SUM).exits(11).says("pid " + holder.pid());
      assertTrue(Files.exists(journal));
      holder.say("end");
      holder.await().exits(0);
    }
    readRecoversItUnderTheLock();
  }

  @Test
  void inspectLockShowsItAndTouchesNothing() {
    String before = Db.sha256(db);
    Result seen = Cli.run("inspect-lock", db).exits(0);
    assertTrue(seen.out().contains("-journal"), seen::toString);
    assertEquals(before, Db.sha256(db));
    assertTrue(Files.exists(Db.sibling(db, "-journal")));
  }

  @Test
  void breakStaleRecoversWhatTheDeadOwnerLeft() {
    Path journal = Db.sibling(db, "-journal");
    Path aside = Db.sibling(db, ".aside");
    assertTrue(journal.toFile().renameTo(aside.toFile()));
    long pid;
    try (Running holder = Cli.hold(db)) {
      pid = holder.pid();
      holder.kill();
    }
    assertTrue(aside.toFile().renameTo(journal.toFile()));
    assertEquals("dead", Cli.verdict(db));
    Map<String, Object> report = Cli.run("break-stale", "--json", db).exits(0).json();
    assertEquals(true, report.get("broken"));
    assertEquals("dead", report.get("evidence"));
    assertEquals(pid, Json.at(report, "owner", "pid"));
    assertEquals(true, Json.at(report, "check", "recoveredJournal"));
    assertEquals(true, Json.at(report, "check", "ok"));
    assertRecovered();
    Map<String, Object> again = Cli.run("break-stale", "--json", db).exits(0).json();
    assertEquals(false, again.get("broken"));
  }

  private void assertRecovered() {
    assertEquals(List.of(), Db.beside(db));
    assertEquals(ROWS, Db.integer(db, SUM));
    Db.assertSound(db);
  }
}
