package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at every system call that makes something durable or visible, while a transaction is
 * captured: after the next command, the published changesets, replayed on the first backup, give
 * the present database. One test goes through all calls of the program, the others from the last
 * before the changes are written to the first after their publication: how the lock is taken and
 * given back is the same for all.
 */
class CaptureCrashIT {
  private static final String CALLS =
      "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,rmdir";

  /** More than one write makes. */
  private static final int MOST = 60;

  @TempDir Path directory;
  private Path db;
  private Path backup;
  private Path published;
  private final List<Path> asked = new ArrayList<>();

  @BeforeEach
  void needsStrace() {
    assumeTrue(
        Program.exists("strace")
            && Program.of("true")
                    .behind(List.of("strace", "-f", "-e", "inject=rmdir:signal=KILL:when=99"))
                    .run()
                    .exit()
                == 0,
        "strace is not installed, or may not inject signals here");
  }

  private void create(String journalMode) throws IOException {
    db =
        Db.create(
            directory,
            Db.AWKWARD,
            "PRAGMA journal_mode=" + journalMode,
            "CREATE TABLE t(k INTEGER PRIMARY KEY, v, n INT DEFAULT 0)",
            "INSERT INTO t(k, v) VALUES(1, 'a'), (2, 'b'), (3, 'c')",
            "PRAGMA wal_checkpoint(TRUNCATE)");
    backup = directory.resolve("backup.db");
    Files.copy(db, backup, StandardCopyOption.REPLACE_EXISTING);
    published = Files.createDirectories(directory.resolve("published"));
  }

  /** A command that captures what it does. */
  private interface Captured {
    /**
     * The command.
     *
     * @param number tells its work from that of the others
     * @param file to be published
     */
    Program command(int number, Path file) throws IOException;
  }

  private Program write(int number, Path file) {
    String sql =
        "UPDATE t SET n = n + 1; INSERT INTO t(v) VALUES('%d'); DELETE FROM t WHERE k > 3 AND k %% 3 = %d"
            .formatted(number, number % 3);
    return Cli.command("write", db, sql, "--changeset", file);
  }

  private Program apply(int number, Path file) throws IOException {
    Path changes = directory.resolve("to apply");
    try (ChangesetWriter writer =
        new ChangesetWriter(Files.newOutputStream(changes), "changes", Format.CHANGESET)) {
      writer.table(new TableHeader("t", new byte[] {1, 0, 0}));
      writer.change(
          Change.insert(Value.integer(1000 + number), Value.text("new"), Value.integer(number)));
      writer.change(Change.delete(Value.integer(1000), Value.text("none"), Value.integer(0)));
    }
    return Cli.command(
        "changeset", "apply", db, changes, "--on-conflict", "omit", "--changeset", file);
  }

  private Program shell(int number, Path file) {
    String base = file.toString().substring(0, file.toString().lastIndexOf('.'));
    String sql = "UPDATE t SET n = n + 1 WHERE k <> 2;\nINSERT INTO t(v) VALUES('%d');\n";
    return Cli.command("shell", db)
        .input(".capture on " + base + "\nBEGIN;\n" + sql.formatted(number) + "COMMIT;\n");
  }

  @Test
  void withARollbackJournal() throws IOException, SQLException {
    create("delete");
    killAtEveryCall(this::write, new Calls(1, MOST));
  }

  @Test
  void withAWriteAheadLog() throws IOException, SQLException {
    create("wal");
    killAtEveryCall(this::write, callsOf(this::write));
  }

  @Test
  void applyingChangesets() throws IOException, SQLException {
    create("delete");
    killAtEveryCall(this::apply, callsOf(this::apply));
  }

  @Test
  void aCommitInTheShell() throws IOException, SQLException {
    create("wal");
    killAtEveryCall(this::shell, callsOf(this::shell));
  }

  /** Where a rename would cross file systems, it cannot be atomic; so it must not have to. */
  @Test
  void publishedOnAnotherFileSystem() throws IOException, SQLException {
    Path memory = Path.of("/dev/shm");
    assumeTrue(
        Files.isWritable(memory)
            && !Files.getAttribute(memory, "unix:dev")
                .equals(Files.getAttribute(directory, "unix:dev")),
        "/dev/shm is no file system of its own here");
    create("delete");
    published = Files.createTempDirectory(memory, "sqlite-safe-it");
    try {
      killAtEveryCall(this::write, callsOf(this::write));
    } finally {
      try (Stream<Path> left = Files.list(published)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(published);
    }
  }

  /** Calls by their numbers in the thread that makes them. */
  private record Calls(int first, int last) {}

  /** From the last before anything is made durable to the first after the publication. */
  private Calls callsOf(Captured captured) throws IOException {
    Path trace = directory.resolve("trace");
    Path file = published.resolve("000.0001");
    asked.add(file);
    captured
        .command(0, file)
        .behind(List.of("strace", "-f", "-o", trace.toString(), "-e", "trace=" + CALLS))
        .run()
        .exits(0);
    Map<String, Integer> calls = new HashMap<>();
    int first = 0;
    for (String line : Files.readAllLines(trace)) {
      if (line.matches("\\d+ +[a-z0-9]+\\(.*")) {
        int number = calls.merge(line.substring(0, line.indexOf(' ')), 1, Integer::sum);
        if (first == 0 && line.contains("sync(")) {
          first = Math.max(1, number - 1);
        }
        if (line.contains("unlink") && line.contains(".changeset-pending")) {
          return new Calls(first, number + 1);
        }
      }
    }
    throw new AssertionError("nothing was published: " + Files.readString(trace));
  }

  private void killAtEveryCall(Captured captured, Calls calls) throws IOException, SQLException {
    int publishedAfterKill = 0;
    int discarded = 0;
    boolean reachedTheEnd = false;
    for (int call = calls.first(); call <= calls.last() && !reachedTheEnd; call++) {
      reachedTheEnd = killed(captured, call);
      Result next = Cli.run("write", "--json", db, "SELECT 1").exits(0);
      Object outcome =
          next.json().containsKey("pendingChangeset")
              ? Json.at(next.json(), "pendingChangeset", "outcome")
              : "none";
      publishedAfterKill += outcome.equals("published") ? 1 : 0;
      discarded += outcome.equals("discarded") ? 1 : 0;
      check("killed at call " + call + ", then: " + outcome);
    }
    assertTrue(reachedTheEnd || calls.last() < MOST, "more calls than " + MOST);
    assertTrue(publishedAfterKill > 0, "no kill came between commit and publication");
    assertTrue(discarded > 0, "no kill came between the changes and the commit");
  }

  /** Once, killed at its call of this number; true if it does not make so many. */
  private boolean killed(Captured captured, int call) throws IOException {
    Path file = published.resolve("%03d.%04d".formatted(call, 1)); // as the shell numbers them
    asked.add(file);
    Result result =
        captured
            .command(call, file)
            .behind(
                List.of(
                    "strace",
                    "-f",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=" + CALLS,
                    "-e",
                    "inject=" + CALLS + ":signal=KILL:when=" + call))
            .run();
    return result.exit() == 0;
  }

  private void check(String when) throws IOException, SQLException {
    Path replica = directory.resolve("replica.db");
    Files.copy(backup, replica, StandardCopyOption.REPLACE_EXISTING);
    try (Connection connection = Db.open(replica, "rw")) {
      for (Path file : asked) {
        if (Files.exists(file)) {
          try (ChangesetApply apply = ChangesetApply.begin(connection, ApplyOptions.DEFAULT);
              ChangesetReader reader = ChangesetReader.open(file)) {
            apply.add(reader);
            apply.finish();
          }
        }
      }
    }
    String all = "SELECT group_concat(k || v || n) FROM (SELECT * FROM t ORDER BY k)";
    assertEquals(Db.column(db, all), Db.column(replica, all), when);
    try (Stream<Path> entries = Files.list(published)) {
      List<Path> others = entries.filter(file -> !asked.contains(file)).toList();
      assertEquals(List.of(), others, when);
    }
    assertTrue(Files.notExists(Db.sibling(db, ".changeset-pending")), when);
  }
}
