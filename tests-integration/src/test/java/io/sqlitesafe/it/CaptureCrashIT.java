package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at every system call that makes something durable or visible, from the first of a
 * captured write to its last: after the next command, the published changesets, replayed on the
 * first backup, give the present database.
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

  @Test
  void withARollbackJournal() throws IOException, SQLException {
    create("delete");
    killAtEveryCall();
  }

  @Test
  void withAWriteAheadLog() throws IOException, SQLException {
    create("wal");
    killAtEveryCall();
  }

  private void killAtEveryCall() throws IOException, SQLException {
    int publishedAfterKill = 0;
    int discarded = 0;
    boolean reachedTheEnd = false;
    for (int call = 1; call <= MOST && !reachedTheEnd; call++) {
      reachedTheEnd = write(call);
      Result next = Cli.run("write", "--json", db, "SELECT 1").exits(0);
      Object outcome =
          next.json().containsKey("pendingChangeset")
              ? Json.at(next.json(), "pendingChangeset", "outcome")
              : "none";
      publishedAfterKill += outcome.equals("published") ? 1 : 0;
      discarded += outcome.equals("discarded") ? 1 : 0;
      check("killed at call " + call + ", then: " + outcome);
    }
    assertTrue(reachedTheEnd, "more calls than " + MOST);
    assertTrue(publishedAfterKill > 0, "no kill came between commit and publication");
    assertTrue(discarded > 0, "no kill came between the changes and the commit");
  }

  /** One captured write, killed at its call of this number; true if it does not make so many. */
  private boolean write(int call) {
    Path file = published.resolve("%03d.changeset".formatted(call));
    asked.add(file);
    String sql =
        "UPDATE t SET n = n + 1; INSERT INTO t(v) VALUES('"
            + call
            + "');"
            + " DELETE FROM t WHERE k > 3 AND k % 3 = "
            + call % 3;
    Program write = Cli.command("write", db, sql, "--changeset", file);
    Result result =
        write
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
