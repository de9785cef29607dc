package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.SyncTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails at any moment of a command that publishes a file. Told from its system calls, in
 * the worst case that {@link SyncTrace} describes; no device was hurt.
 */
class PowerCutIT {
  @TempDir Path directory;
  private Path db;
  private Path backup;

  @BeforeEach
  void make() {
    assumeTrue(
        Program.exists("strace")
            && Program.of("true").behind(trace(directory.resolve("try"))).run().exit() == 0,
        "strace is not installed, or may not trace here");
    db = Damage.sound(directory, "app.db");
    backup = directory.resolve("backup.sqlite");
  }

  private static List<String> trace(Path file) {
    List<String> words = new java.util.ArrayList<>(SyncTrace.STRACE);
    words.add("-o");
    words.add(file.toString());
    return words;
  }

  private List<String> traced(Object... words) throws IOException {
    Path trace = directory.resolve("trace");
    Cli.command(words).behind(trace(trace)).run().exits(0);
    return SyncTrace.published(Files.readAllLines(trace));
  }

  @Test
  void backupsOfEveryMethodArePublishedWhole() throws IOException {
    for (String method : List.of("online", "copy", "vacuum")) {
      for (int run = 0; run < 2; run++) { // the second time over an earlier one
        List<String> names = traced("backup", "--method", method, db, backup);
        assertTrue(names.contains(backup.toString()), names::toString);
        assertTrue(names.contains(backup + ".json"), names::toString);
      }
    }
    assertTrue(traced("backup", "--compress", "zstd", db, backup).contains(backup.toString()));
  }

  @Test
  void otherCopiesArePublishedWhole() throws IOException {
    assertTrue(traced("vacuum-into", db, backup).contains(backup.toString()));
    assertTrue(traced("copy", db, backup).contains(backup.toString()));
  }

  @Test
  void restoredDatabaseIsPutInPlaceWhole() throws IOException {
    Cli.run("backup", db, backup).exits(0);
    assertTrue(traced("restore", backup, db).contains(db.toString()));
  }

  @Test
  void metricsArePublishedWhole() throws IOException {
    Path metrics = directory.resolve("backup.prom");
    assertTrue(traced("backup", "--metrics", metrics, db, backup).contains(metrics.toString()));
  }

  /** The judge itself: what a plain copy and rename do is not enough. */
  @Test
  void whatIsNotSyncedIsNoticed() throws IOException {
    Path trace = directory.resolve("trace");
    String script = "cp \"$1\" \"$2.tmp\"; %s mv \"$2.tmp\" \"$2\"; %s";
    for (List<String> syncs :
        List.of(List.of("", "sync \"$3\";"), List.of("sync \"$2.tmp\";", ""))) {
      String commands = script.formatted(syncs.get(0), syncs.get(1));
      Program.of("sh", "-c", commands, "sh", db, backup, directory)
          .behind(trace(trace))
          .run()
          .exits(0);
      List<String> lines = Files.readAllLines(trace);
      assertThrows(AssertionError.class, () -> SyncTrace.published(lines));
    }
    Program.of(
            "sh",
            "-c",
            script.formatted("sync \"$2.tmp\";", "sync \"$3\";"),
            "sh",
            db,
            backup,
            directory)
        .behind(trace(trace))
        .run()
        .exits(0);
    SyncTrace.published(Files.readAllLines(trace));
  }
}
