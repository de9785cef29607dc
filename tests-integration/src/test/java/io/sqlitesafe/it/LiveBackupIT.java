package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Bank;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies of a database that others write to all the time, with our lock and without. */
class LiveBackupIT {
  private static final int MEGABYTES = 32;
  private static final int RUNS = Cli.LONG ? 40 : 2;

  @TempDir Path directory;

  @BeforeEach
  void needsPython() {
    assumeTrue(Program.exists("python3"), "there is no python3 to write with");
  }

  @ParameterizedTest
  @CsvSource({
    "auto, delete",
    "online, delete",
    "copy, delete",
    "vacuum, delete",
    "auto, wal",
    "online, wal",
    "copy, wal",
    "vacuum, wal"
  })
  void everyMethodGivesOneStateOfTheData(String method, String mode) {
    Path db = Bank.create(directory, Db.AWKWARD, mode, MEGABYTES);
    try (Running foreign = Bank.foreign(db, 2).start();
        Running ours = Bank.ours(db, 0).start()) {
      foreign.awaitOut("moved");
      ours.awaitOut("moved");
      for (int run = 0; run < RUNS; run++) {
        Path copy = directory.resolve(method + run);
        Map<String, Object> made =
            Cli.run("backup", "--json", "--method", method, db, copy).exits(0).json();
        assertEquals(copy.toRealPath().toString(), made.get("destination"));
        if (mode.equals("wal")) {
          assertEquals(0L, made.get("longestStallMs"), made::toString);
        }
        Bank.assertWhole(copy);
        Cli.run("integrity-check", copy).exits(0);
        // The writers lived through it.
        assertTrue(foreign.isAlive() && ours.isAlive());
      }
      foreign.closeInput();
      foreign.await().exits(0);
      ours.closeInput();
      ours.await().exits(0);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
    Bank.assertWholeInUse(db);
  }

  /** The lock is not there while the copy is made in turns, and a holder is no obstacle. */
  @Test
  void aLongHolderDoesNotKeepBackupsWaiting() {
    Path db = Bank.create(directory, Db.AWKWARD, "delete", 1);
    try (Running holder = Cli.hold(db)) {
      for (String method : new String[] {"auto", "online"}) {
        Cli.run("backup", "--wait", "0", "--method", method, db, directory.resolve(method))
            .exits(0);
        Bank.assertWhole(directory.resolve(method));
      }
      Cli.run("copy", "--wait", "0", db, directory.resolve("copy"))
          .exits(11)
          .says("pid " + holder.pid());
      holder.say("end");
      holder.await().exits(0);
    }
  }

  /** A stall that is too short for a whole copy is never exceeded silently. */
  @ParameterizedTest
  @CsvSource({"auto", "online", "copy", "vacuum"})
  void aStallThatIsTooShortIsRefusedAndLeavesEverything(String method) {
    Path db = Bank.create(directory, Db.AWKWARD, "delete", MEGABYTES);
    Path copy = directory.resolve("copy");
    Cli.run("backup", db, copy).exits(0);
    String before = Db.sha256(copy);
    try (Running foreign = Bank.foreign(db, 5).start()) {
      foreign.awaitOut("moved");
      Result result =
          Cli.run("backup", "--method", method, "--max-stall", "1ms", db, copy).exits(1);
      result.says("keeping writers waiting for more than 1 ms");
      assertEquals(before, Db.sha256(copy));
      assertTrue(foreign.isAlive());
      foreign.closeInput();
      foreign.await().exits(0);
    }
    assertEquals(java.util.List.of("copy.json"), Db.beside(copy));
    Bank.assertWholeInUse(db);
  }
}
