package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Bank;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups of every method in a loop while three programs write without a pause. */
class HammerIT {
  private static final int ROUNDS = Cli.LONG ? 40 : 1;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"delete", "wal"})
  void everyBackupIsOneCommit(String journalMode) throws IOException {
    assumeTrue(Program.exists("sqlite3") && Program.exists("python3"), "needs sqlite3 and python3");
    Path db = Bank.create(directory, "bank.db", journalMode, 0);
    Path backups = Files.createDirectory(directory.resolve("backups"));
    List<Path> made = new ArrayList<>();
    List<Running> writers = Bank.writers(db);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (String method : List.of("auto", "online", "copy", "vacuum")) {
          Path backup = backups.resolve(method + "-" + round + ".sqlite");
          Cli.run("backup", "--method", method, db, backup).exits(0);
          Bank.assertWhole(backup);
          made.add(backup);
        }
      }
      writers.forEach(writer -> assertTrue(writer.isAlive(), "a writer gave up"));
    } finally {
      writers.forEach(Running::close);
    }
    everyBackupCanBeRestored(made);
    assertEquals(made.size() * 2, count(backups), "each backup and its manifest, nothing else");
    Db.assertSound(db);
  }

  private static void everyBackupCanBeRestored(List<Path> backups) {
    List<Object> check = new ArrayList<>(List.of("integrity-check"));
    check.addAll(backups);
    Cli.run(check.toArray()).exits(0);
    for (Path backup : backups) {
      Cli.run("restore", "--drill", backup).exits(0);
    }
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }
}
