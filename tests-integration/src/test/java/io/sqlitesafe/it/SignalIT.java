package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGTERM, SIGINT, SIGHUP: rolled back, released, nothing left behind. */
class SignalIT {
  /** Signals that the test runner ignores would be ignored by its children too. */
  private static final List<String> ORDINARY = List.of("env", "--default-signal=TERM,INT,HUP");

  private static final String ENDLESS =
      "INSERT INTO t VALUES('lost');"
          + " INSERT INTO t WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c)"
          + " SELECT max(x) FROM c";

  @TempDir Path directory;
  private Path db;

  @BeforeEach
  void makeDatabase() {
    db = Db.create(directory, Db.AWKWARD, "CREATE TABLE t(v)", "INSERT INTO t VALUES('old')");
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143, terminated", "INT, 130, interrupted", "HUP, 143, terminated"})
  void insideAStatement(String signal, int status, String id) {
    try (Running writer = Cli.command("write", "--json", db, ENDLESS).behind(ORDINARY).start()) {
      // The first statement has made the journal, so the second is running or about to.
      Await.until("the journal", () -> Files.exists(Db.sibling(db, "-journal")));
      writer.signal(signal);
      Result result = writer.await().exits(status);
      result.error(id);
      assertEquals("", result.out());
    }
    assertUnchanged();
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 143"})
  void whileReading(String signal, int status) {
    String endless =
        "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c)"
            + " SELECT x FROM c LIMIT 20000000"; // far longer than the test, but not without end
    try (Running reader =
        Cli.command("read", "--format", "list", db, endless).behind(ORDINARY).start()) {
      reader.awaitOut("1");
      reader.signal(signal);
      reader.await().exits(status).says("sqlite-safe: ");
    }
    assertUnchanged();
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 143"})
  void whileWaitingForTheLock(String signal, int status) {
    try (Running holder = Cli.hold(db);
        Running waiter =
            Cli.command("write", "--wait", "forever", "--progress", "always", db, "DELETE FROM t")
                .behind(ORDINARY)
                .start()) {
      waiter.awaitErr("waiting for the lock");
      waiter.signal(signal);
      waiter.await().exits(status);
      assertEquals("held", Cli.verdict(db));
      holder.say("end");
      holder.await().exits(0);
    }
    assertUnchanged();
  }

  /** SQLite itself would wait on: its own waiting hears of no signal. */
  @ParameterizedTest
  @ValueSource(strings = {"write", "read", "backup"})
  void whileWaitingForSqlitesOwnLock(String command) throws SQLException {
    Object more =
        switch (command) {
          case "backup" -> directory.resolve("copy");
          default -> "SELECT * FROM t";
        };
    try (Connection stranger = Db.open(db, "rw")) {
      Db.execute(stranger, "BEGIN EXCLUSIVE");
      try (Running waiter =
          Cli.command(command, "--wait", "90s", db, more).behind(ORDINARY).start()) {
        Await.until("the database is open", () -> hasOpen(waiter.pid(), db));
        waiter.signal("INT");
        waiter.await().exits(130).says("interrupted");
      }
      Db.execute(stranger, "ROLLBACK");
    }
    assertUnchanged();
  }

  private static boolean hasOpen(long pid, Path file) {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      Path real = file.toRealPath();
      return open.anyMatch(fd -> pointsAt(fd, real));
    } catch (IOException | UncheckedIOException ended) {
      return false;
    }
  }

  private static boolean pointsAt(Path fd, Path file) {
    try {
      return Files.readSymbolicLink(fd).equals(file);
    } catch (IOException closed) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 143"})
  void aSignalReachesTheCommandInsideTheLock(String signal, int status) {
    try (Running holder =
        Cli.command("with-lock", db, "--", "sh", "-c", "echo in; exec sleep 1000")
            .behind(ORDINARY)
            .start()) {
      holder.awaitOut("in");
      holder.signal(signal);
      int exit = holder.await().exit();
      assertTrue(exit == status || exit == 129, "exit " + exit); // 129: the child's own SIGHUP
    }
    assertUnchanged();
  }

  /** The lock outlives the signal for as long as the command does. */
  @Test
  void aCommandMayTakeItsTimeAfterASignal() {
    String script =
        "trap 'echo caught' TERM; echo in; while ! read x; do :; done; echo told; exit 7";
    try (Running holder =
        Cli.command("with-lock", db, "--", "sh", "-c", script).behind(ORDINARY).start()) {
      holder.awaitOut("in");
      holder.signal("TERM");
      holder.awaitOut("caught");
      assertEquals("held", Cli.verdict(db));
      holder.say("x");
      holder.await().exits(7);
    }
    assertUnchanged();
  }

  /** {@code timeout} signals twice, a terminal that goes away too: that is one request. */
  @ParameterizedTest
  @ValueSource(strings = {"TERM TERM", "INT TERM", "HUP TERM", "TERM HUP"})
  void twoSignalsAtOnceAreOne(String signals) {
    String script =
        "trap 'echo caught' TERM INT HUP; echo in; while ! read x; do :; done; echo told; exit 7";
    try (Running holder =
        Cli.command("with-lock", db, "--", "sh", "-c", script).behind(ORDINARY).start()) {
      holder.awaitOut("in");
      for (String signal : signals.split(" ")) {
        holder.signal(signal);
      }
      holder.awaitOut("caught");
      assertEquals("held", Cli.verdict(db));
      holder.say("x");
      holder.await().exits(7);
    }
    assertUnchanged();
  }

  /** Whoever asks a third time does not want to wait any more. The next writer tidies up. */
  @Test
  void theThirdSignalEndsItAtOnce() {
    String script = "trap '' TERM INT HUP; echo in; while :; do sleep 0.1; done";
    try (Running holder =
        Cli.command("with-lock", db, "--", "sh", "-c", script).behind(ORDINARY).start()) {
      holder.awaitOut("in");
      holder.signal("TERM");
      holder.signal("TERM");
      holder.signal("TERM");
      holder.await().exits(143);
    }
    Cli.run("write", "--wait", "1m", db, "DELETE FROM t WHERE 0").exits(0);
    assertUnchanged();
  }

  /** Three at once, of a whole process group, leave time to release. */
  @ParameterizedTest
  @ValueSource(strings = {"write", "backup", "with-lock", "shell", "batch"})
  void aWholeGroupIsSignalled(String command) throws IOException {
    Path script = directory.resolve("script");
    Files.writeString(script, "BEGIN;\n" + ENDLESS + ";\n");
    String name = db.toString().replace("\"", "\\\"");
    Path requests = directory.resolve("requests");
    Files.writeString(requests, "{\"write\":[\"" + name + "\",\"" + ENDLESS + "\"]}\n");
    String words =
        switch (command) {
          case "write" -> "write \"$1\" \"$2\"";
          case "with-lock" -> "with-lock \"$1\" -- sleep 1000";
          case "shell" -> "shell \"$1\" <script";
          case "batch" -> "batch <requests >answers";
          default -> "backup --max-stall 1h \"$1\" copy";
        };
    String run = "ulimit -c 0; exec \"$0\" " + words;
    List<String> group = new java.util.ArrayList<>(ORDINARY);
    group.addAll(List.of("setsid", "sh", "-c"));
    Object[] all = {run, Cli.launcher(), db, ENDLESS};
    try (Running stopped = Program.of(all).in(directory).behind(group).start()) {
      Await.until("work", () -> !Db.beside(db).isEmpty() || !stopped.isAlive());
      Program.of("sh", "-c", "kill -INT -$0; kill -TERM -$0; kill -HUP -$0", stopped.pid()).run();
      int exit = stopped.await().exit();
      assertTrue(command.equals("backup") || exit >= 128 || exit == 0, "exit " + exit);
    }
    assertUnchanged();
  }

  private void assertUnchanged() {
    assertEquals(List.of("old"), Db.column(db, "SELECT v FROM t"));
    Db.assertSound(db);
    Db.assertNoLeftovers(db);
  }
}
