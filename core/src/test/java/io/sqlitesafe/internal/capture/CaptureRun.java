package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.CaptureMethod;
import io.sqlitesafe.changeset.ExactDifference;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.OpenMode;
import io.sqlitesafe.sql.StatementListener;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A transaction that was captured, and then rolled back.
 *
 * @param expected the exact difference
 * @param changesets what each method has found
 * @param after all rows as they were in the end
 */
public record CaptureRun(byte[] expected, List<byte[]> changesets, String after) {

  /** Makes a database; statements that fail are passed over. */
  public static void create(Path file, List<String> sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous=OFF");
      statement.execute("PRAGMA journal_mode=MEMORY");
      statement.execute("PRAGMA foreign_keys=ON");
      for (String each : sql) {
        attempt(() -> statement.executeUpdate(each));
      }
    }
  }

  private interface Action {
    void run() throws SQLException;
  }

  private static void attempt(Action action) {
    try {
      action.run();
    } catch (SQLException | SqliteSafeException passedOver) {
      // part of the game
    }
  }

  /** Runs the script, captured by these methods at once. */
  public static CaptureRun of(Path file, RandomTransaction transaction, CaptureMethod... methods)
      throws SQLException {
    return of(file, transaction, false, methods);
  }

  /**
   * @param rowids tables without a key too
   */
  public static CaptureRun of(
      Path file, RandomTransaction transaction, boolean rowids, CaptureMethod... methods)
      throws SQLException {
    List<Capturer> capturers = new ArrayList<>();
    for (CaptureMethod method : methods) {
      capturers.add(
          method == CaptureMethod.TRIGGERS
              ? new TriggerCapture(rowids)
              : new SnapshotCapture(new Cancellation(), rowids));
    }
    try (Database database =
        Database.open(file, OpenMode.WRITE, Duration.ofHours(1), new Cancellation())) {
      ExactDifference.Content before = ExactDifference.Content.of(database.connection(), rowids);
      database.execute("BEGIN IMMEDIATE");
      for (Capturer capturer : capturers) {
        capturer.begin(database);
      }
      Handle handle = database.handle(new All(capturers));
      for (String sql : transaction.script()) {
        attempt(() -> handle.update(sql));
      }
      ExactDifference.Content after = ExactDifference.Content.of(database.connection(), rowids);
      List<byte[]> changesets = new ArrayList<>();
      for (Capturer capturer : capturers) {
        try (ChangeSorter sorter = new ChangeSorter()) {
          capturer.harvest(sorter);
          changesets.add(ExactDifference.bytes(sorter));
        } catch (SQLException | RuntimeException e) {
          throw new AssertionError(transaction.toString(), e);
        }
        capturer.close();
      }
      database.execute("ROLLBACK");
      return new CaptureRun(ExactDifference.bytes(before, after), changesets, after.text());
    }
  }

  private record All(List<Capturer> capturers) implements StatementListener {
    @Override
    public void prepared(String sql) throws SQLException {
      for (Capturer capturer : capturers) {
        capturer.prepared(sql);
      }
    }

    @Override
    public void done(String sql) throws SQLException {
      for (Capturer capturer : capturers) {
        capturer.done(sql);
      }
    }

    @Override
    public void bypassed() {
      capturers.forEach(Capturer::bypassed);
    }
  }
}
