package io.sqlitesafe.it.recover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside the sqlite3 shell's .recover, on damaged databases of which is known what is in them. */
class RecoverOracleIT {
  @TempDir Path directory;

  @Test
  void asManyRowsAsSqlitesOwnOrMore() throws Exception {
    Path sqlite3 =
        Path.of(Objects.requireNonNull(System.getProperty("sqlitesafe.module")))
            .resolve("target/oracle/sqlite3");
    assumeTrue(Files.isExecutable(sqlite3), "no sqlite3 of oracle/shell.sh");
    Comparison comparison = new Comparison(directory, sqlite3);
    int count = Boolean.getBoolean("sqlitesafe.long") ? 2100 : 56;
    for (int seed = 0; seed < count; seed++) {
      comparison.trial(seed);
    }
    Comparison.Totals all = comparison.all();
    String report = comparison.table() + String.join("\n", comparison.exceptions());
    System.out.println(report);
    assertTrue(all.ours().found() >= all.theirs().found(), report);
    assertTrue(all.worse() <= 1 + all.files() / 100, report);
    for (Injury injury : Injury.values()) {
      // Of these no byte of a row is altered, so that no wrong one may come of it.
      if (injury == Injury.NONE || injury == Injury.HEADER_GONE || injury == Injury.CUT_SHORT) {
        assertEquals(0, comparison.totals().get(injury).ours().wrong(), injury + "\n" + report);
      }
    }
  }
}
