package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners that are stopped, lose their lock, and come back: they must not change anything. */
class StopIT {
  private static final String BEAT = "--heartbeat-interval=1s";
  private static final String STALE = "--stale-after=10s";

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
  }

  /**
   * Stopped inside its transaction: a successor has to wait for SQLite's lock, and then gets in.
   */
  @Test
  void stoppedInsideItsTransaction() throws IOException {
    try (FifoWriter stopped = new FifoWriter()) {
      stopped.row("from the stopped one");
      String token = token();
      stopped.process.signal("STOP");
      awaitStale();
      try (Running breaker = Cli.start("break-stale", "--wait", "5m", BEAT, STALE, db)) {
        Await.until("the break", () -> !token.equals(token()));
        try (Running successor =
            Cli.start("write", "--wait", "5m", db, "INSERT INTO t VALUES('successor')")) {
          stopped.process.signal("CONT");
          stopped.end();
          stopped.process.await().exits(12).says("was broken while this process held it");
          breaker.await().exits(0);
          successor.await().exits(0);
        }
      }
    }
    assertValues("old", "successor");
  }

  /** Stopped with the lock, but before its transaction: the successor commits meanwhile. */
  @Test
  void stoppedBeforeItsTransaction() throws SQLException {
    Running stopped;
    try (Connection stranger = Db.open(db, "rw")) {
      Db.execute(stranger, "BEGIN IMMEDIATE");
      stopped =
          Cli.start("write", "--wait", "5m", BEAT, STALE, db, "INSERT INTO t VALUES('stopped')");
      Await.until("the lock", () -> Cli.verdict(db).equals("held"));
      stopped.signal("STOP");
      Db.execute(stranger, "ROLLBACK");
    }
    try (stopped) {
      awaitStale();
      Map<String, Object> report =
          Cli.run("break-stale", "--json", BEAT, STALE, db).exits(0).json();
      assertEquals(true, report.get("broken"));
      assertEquals("old", report.get("evidence"));
      assertEquals(stopped.pid(), Json.at(report, "owner", "pid"));
      assertEquals(true, Json.at(report, "check", "ok"));
      Cli.run("write", db, "INSERT INTO t VALUES('successor')").exits(0);
      stopped.signal("CONT");
      stopped.await().exits(12).says("was broken while this process held it");
    }
    assertValues("old", "successor");
  }

  @Test
  void aRunningOwnerIsBrokenOnlyByForce() throws IOException {
    try (FifoWriter owner = new FifoWriter()) {
      owner.row("from the broken one");
      String token = token();
      Cli.run("break-stale", "--wait", "0", db).exits(11).says("pid " + owner.process.pid());
      Cli.run("break-stale", "--owner", "0".repeat(32), "--force", db).exits(0);
      assertEquals(token, token(), "another token's break must not touch this lock");
      Cli.run("break-stale", "--owner", token, db).exits(2);
      try (Running breaker = Cli.start("break-stale", "--owner", token, "--force", db)) {
        Await.until("the break", () -> !token.equals(token()));
        owner.end();
        Result result = owner.process.await().exits(12);
        assertTrue(result.err().contains(token), result::toString);
        breaker.await().exits(0);
      }
    }
    assertValues("old");
  }

  /** The break is done at once, although the broken owner is still inside SQLite. */
  @Test
  void theBreakIsReportedThoughTheOwnerKeepsSqlitesLock() throws IOException {
    try (FifoWriter owner = new FifoWriter()) {
      owner.row("from the broken one");
      Result result =
          Cli.run("break-stale", "--json", "--wait", "1s", "--owner", token(), "--force", db);
      assertTrue(result.exit() == 0 || result.exit() == 3, result::toString);
      assertEquals(true, result.json().get("broken"), result::toString);
      owner.end();
      owner.process.await().exits(12);
    }
    assertValues("old");
  }

  @Test
  void aCommandIsKilledWhenItsLockIsLost() {
    try (Running holder = Cli.hold(db, BEAT, STALE)) {
      Cli.run("break-stale", "--owner", token(), "--force", db).exits(0);
      holder.await().exits(12).says("was lost");
      assertTrue(!holder.outSoFar().contains("told"));
    }
    assertValues("old");
  }

  @Test
  void aCommandMayGoOnWhenItsLockIsLost() {
    try (Running holder = Cli.hold(db, BEAT, STALE, "--on-lost", "warn")) {
      Cli.run("break-stale", "--owner", token(), "--force", db).exits(0);
      holder.awaitErr("was lost");
      holder.say("something");
      Result result = holder.await().exits(12);
      assertTrue(result.out().contains("told something"), result::toString);
    }
  }

  /** What runs inside a lost lock must not write, however it was started. */
  @Test
  void commandsInsideALostLockAreRefused() {
    String script = "echo in; read x; \"$1\" write \"$2\" \"INSERT INTO t VALUES('inner')\"";
    try (Running holder =
        Cli.start(
            "with-lock",
            BEAT,
            STALE,
            "--on-lost",
            "warn",
            db,
            "--",
            "sh",
            "-c",
            script,
            "sh",
            Cli.launcher(),
            db)) {
      holder.awaitOut("in");
      Cli.run("break-stale", "--owner", token(), "--force", db).exits(0);
      Cli.run("write", db, "INSERT INTO t VALUES('successor')").exits(0);
      holder.say("go on");
      holder.await().exits(12).says("was broken");
    }
    assertValues("old", "successor");
  }

  @Test
  void nobodyBreaksALivingOwnerInPassing() {
    try (Running holder = Cli.hold(db, BEAT, STALE)) {
      String token = token();
      Cli.run("write", "--wait", "0", "--break", "stale", db, "DELETE FROM t").exits(11);
      assertEquals(token, token());
      holder.say("end");
      holder.await().exits(0);
    }
    assertValues("old");
  }

  private void awaitStale() {
    Await.until("the verdict stale", () -> staleBy());
  }

  private boolean staleBy() {
    Map<String, Object> report = Cli.run("inspect-lock", "--json", BEAT, STALE, db).exits(0).json();
    return report.get("verdict").equals("stale");
  }

  /** The owner's token, or "none". */
  private String token() {
    Map<String, Object> report = Cli.inspect(db);
    return report.get("owner") == null ? "none" : (String) Json.at(report, "owner", "token");
  }

  private void assertValues(String... expected) {
    assertEquals(List.of(expected), Db.column(db, "SELECT v FROM t"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }

  /**
   * A writer that takes its rows from a FIFO, which it opens inside its transaction: once the other
   * end could be opened, it is in there.
   */
  private final class FifoWriter implements AutoCloseable {
    final Running process;
    private final OutputStream rows;

    FifoWriter() throws IOException {
      Path fifo = directory.resolve("fifo");
      Program.of("mkfifo", fifo).run().exits(0);
      process =
          Cli.start(
              "write",
              BEAT,
              STALE,
              db,
              "INSERT INTO t VALUES(:v)",
              "--rows",
              fifo,
              "--rows-format",
              "jsonl");
      rows = new FileOutputStream(fifo.toFile());
      assertNotEquals("none", token());
    }

    void row(String value) throws IOException {
      rows.write(("{\"v\":\"" + value + "\"}\n").getBytes(StandardCharsets.UTF_8));
      rows.flush();
    }

    void end() throws IOException {
      rows.close();
    }

    @Override
    public void close() throws IOException {
      end();
      process.close();
    }
  }
}
