package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.changeset.CaptureMethod;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.ExactDifference;
import io.sqlitesafe.internal.capture.CaptureRun;
import io.sqlitesafe.internal.capture.RandomTransaction;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random transactions captured by SQLite's session extension and by us. Left out is what the
 * session extension is known to get wrong (REAL, untyped and NOCASE keys) or cannot do (changes of
 * the schema); that our captures are exact there too is tested in core.
 */
class CaptureOracleIT {
  private static final int CASES =
      Integer.getInteger("sqlitesafe.cases", Cli.LONG ? 20_000 : 1_000);

  @TempDir Path directory;

  @Test
  void sameAsTheSessionExtension() throws SQLException, IOException {
    try (Oracle oracle = Oracle.orSkip()) {
      run(oracle, CASES);
    }
  }

  @Test
  void sameAsNode() throws SQLException, IOException {
    try (Oracle oracle = Oracle.nodeOrSkip()) {
      run(oracle, CASES / 4);
    }
  }

  private void run(Oracle oracle, int cases) throws SQLException, IOException {
    int ungenerated = 0;
    int uncommitted = 0;
    int different = 0;
    // Debian's answers nothing for a table with generated columns.
    boolean knowsGenerated = oracle.version().compareTo("3.46") > 0;
    long first = Long.getLong("sqlitesafe.seed", 1);
    for (long seed = first; seed < first + cases; seed++) {
      RandomTransaction transaction =
          RandomTransaction.of(seed, RandomTransaction.Features.AS_SESSION);
      Path file = directory.resolve(seed + ".db");
      CaptureRun.create(file, transaction.setUp());
      Oracle.Captured theirs = theirs(oracle, Files.readAllBytes(file), transaction);
      CaptureRun ours =
          CaptureRun.of(file, transaction, CaptureMethod.TRIGGERS, CaptureMethod.DIFF);
      if (!knowsGenerated && transaction.setUp().stream().anyMatch(sql -> sql.contains(" AS ("))) {
        ungenerated++;
      } else if (theirs.errors().containsKey(String.valueOf(transaction.script().size() + 2))) {
        uncommitted++; // its last statement, COMMIT, failed: deferred foreign keys do not hold
      } else if (!sameRows(theirs.database(), ours, false)) {
        different++;
      } else {
        compare(transaction, canonical(theirs.changeset()), ours);
      }
      Files.delete(file);
    }
    String leftOut =
        "of %d cases: %d with generated columns, %d not committed, %d with other rows"
            .formatted(cases, ungenerated, uncommitted, different);
    // Versions of SQLite differ in what fails, and see TriggerCapture.
    assertTrue(different <= cases / 50, leftOut);
    assertTrue(uncommitted <= cases / 8, leftOut);
    assertTrue(ungenerated <= cases / 2, leftOut);
  }

  @Test
  void tablesWithoutKeyByTheirRowids() throws SQLException, IOException {
    try (Oracle oracle = Oracle.orSkip()) {
      assumeTrue(oracle.knowsRowids());
      int compared = 0;
      int uncommitted = 0;
      int cases = CASES / 4;
      for (long seed = 1; seed <= cases; seed++) {
        RandomTransaction transaction =
            RandomTransaction.of(seed, RandomTransaction.Features.ROWIDS);
        Path file = directory.resolve(seed + ".rowids.db");
        CaptureRun.create(file, transaction.setUp());
        Oracle.Captured theirs = theirs(oracle, Files.readAllBytes(file), transaction, true);
        CaptureRun ours =
            CaptureRun.of(file, transaction, true, CaptureMethod.TRIGGERS, CaptureMethod.DIFF);
        boolean failed =
            theirs.errors().containsKey(String.valueOf(transaction.script().size() + 2));
        if (failed) {
          uncommitted++;
        } else if (sameRows(theirs.database(), ours, true)) {
          compare(transaction, canonical(theirs.changeset()), ours);
          compared++;
        }
        Files.delete(file);
      }
      assertTrue(
          compared > cases * 3 / 4,
          compared + " of " + cases + " were compared, " + uncommitted + " not committed");
    }
  }

  private static Oracle.Captured theirs(
      Oracle oracle, byte[] database, RandomTransaction transaction) {
    return theirs(oracle, database, transaction, false);
  }

  private static Oracle.Captured theirs(
      Oracle oracle, byte[] database, RandomTransaction transaction, boolean rowids) {
    List<String> sql = new ArrayList<>(List.of("PRAGMA foreign_keys=ON", "BEGIN IMMEDIATE"));
    sql.addAll(transaction.script());
    sql.add("COMMIT"); // which deferred foreign keys may not allow
    return oracle.capture(database, sql, rowids);
  }

  private boolean sameRows(byte[] theirs, CaptureRun ours, boolean rowids)
      throws SQLException, IOException {
    Path file = directory.resolve("theirs.db");
    Files.write(file, theirs);
    try (var connection = Db.open(file, "rw")) {
      return ExactDifference.Content.of(connection, rowids).text().equals(ours.after());
    }
  }

  /** In our order, and without the mark for what triggers and foreign keys did. */
  private static byte[] canonical(byte[] changeset) {
    try (ChangesetReader reader = ChangesetReader.of(changeset, "the oracle's");
        ChangeSorter sorter = new ChangeSorter()) {
      for (var change = reader.next(); change != null; change = reader.next()) {
        sorter.table(reader.table());
        sorter.change(change.withIndirect(false));
      }
      return ExactDifference.bytes(sorter);
    }
  }

  private static void compare(RandomTransaction transaction, byte[] theirs, CaptureRun ours) {
    for (byte[] changeset : ours.changesets()) {
      if (!Arrays.equals(theirs, changeset)) {
        fail(
            transaction
                + "\nsession extension"
                + ExactDifference.text(theirs)
                + "\nours"
                + ExactDifference.text(changeset));
      }
    }
  }
}
