package io.sqlitesafe.changeset.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sqlitesafe.changeset.ChangeSorter;
import io.sqlitesafe.changeset.ExactDifference;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both methods of capture against an exact difference of the tables, on random transactions. */
class CaptureTest {
  private static final int CASES = Boolean.getBoolean("sqlitesafe.long") ? 50_000 : 2_000;

  @TempDir static Path directory;

  @Test
  void bothMethodsFindTheExactDifference() throws SQLException, IOException {
    long from = Long.getLong("sqlitesafe.seed", 1);
    int changing = 0;
    int compared = 0;
    int interfered = 0;
    for (long seed = from; seed < from + CASES; seed++) {
      RandomTransaction transaction = RandomTransaction.of(seed);
      Path file = create(transaction.setUp());
      Run captured =
          run(file, transaction, new TriggerCapture(), new SnapshotCapture(new Cancellation()));
      for (int i = 0; i < captured.changesets.size(); i++) {
        if (!Arrays.equals(captured.expected, captured.changesets.get(i))) {
          fail(
              (i == 0 ? "triggers: " : "difference: ")
                  + transaction
                  + "\nexpected "
                  + ExactDifference.text(captured.expected)
                  + "\nfound    "
                  + ExactDifference.text(captured.changesets.get(i)));
        }
      }
      changing += captured.expected.length > 0 ? 1 : 0;
      if (seed % 4 == 0) {
        compared++;
        interfered += run(file, transaction).after.equals(captured.after) ? 0 : 1;
      }
      Files.delete(file);
    }
    assertTrue(changing > CASES / 2, changing + " of " + CASES + " transactions changed anything");
    // Statements that fail midway and are passed over, mostly: see TriggerCapture.
    assertTrue(
        interfered * 25 <= compared, interfered + " of " + compared + " were changed by triggers");
  }

  /** What one run made of the database, before it was rolled back. */
  private record Run(byte[] expected, List<byte[]> changesets, String after) {}

  private static Path create(List<String> sql) throws SQLException, IOException {
    Path file = Files.createTempFile(directory, "case", ".db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous=OFF");
      statement.execute("PRAGMA journal_mode=MEMORY");
      statement.execute("BEGIN");
      for (String each : sql) {
        attempt(() -> statement.executeUpdate(each));
      }
      statement.execute("COMMIT");
    }
    return file;
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

  private static Run run(Path file, RandomTransaction transaction, Capturer... capturers)
      throws SQLException {
    try (Database database =
        Database.open(file, Database.Mode.WRITE, Duration.ofSeconds(5), new Cancellation())) {
      ExactDifference.Content before = ExactDifference.Content.of(database.connection());
      database.execute("BEGIN IMMEDIATE");
      Both listener = new Both(capturers);
      for (Capturer capturer : capturers) {
        capturer.begin(database);
      }
      Session session = Session.of(database, listener);
      for (String sql : transaction.script()) {
        attempt(() -> session.update(sql));
      }
      ExactDifference.Content after = ExactDifference.Content.of(database.connection());
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
      return new Run(ExactDifference.bytes(before, after), changesets, after.text());
    }
  }

  private record Both(Capturer... capturers) implements io.sqlitesafe.db.StatementListener {
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
      fail("nothing bypasses");
    }
  }

  // ---- facts that the triggers rely on ----------------------------------------------------------

  @Test
  void temporaryTriggersFireBeforeThoseOfTheSchema() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
      statement.execute("CREATE TABLE log(n INTEGER PRIMARY KEY, who)");
      for (String when : List.of("BEFORE", "AFTER")) {
        for (String event : List.of("INSERT", "UPDATE", "DELETE")) {
          String body =
              " "
                  + when
                  + " "
                  + event
                  + " ON t BEGIN INSERT INTO log(who) VALUES('%s "
                  + when
                  + event
                  + "'); END";
          String name = when + event;
          statement.execute("CREATE TRIGGER a" + name + body.formatted("schema"));
          statement.execute(
              "CREATE TEMP TRIGGER m" + name + body.replace(" t ", " main.t ").formatted("temp"));
          statement.execute("CREATE TRIGGER z" + name + body.formatted("schema"));
        }
      }
      statement.execute("INSERT INTO t VALUES(1, 1)");
      statement.execute("UPDATE t SET v = 2");
      statement.execute("DELETE FROM t");
      List<String> order = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery("SELECT who FROM log ORDER BY n")) {
        while (rows.next()) {
          order.add(rows.getString(1));
        }
      }
      assertEquals(18, order.size());
      for (int i = 0; i < order.size(); i++) {
        assertEquals(i % 3 == 0, order.get(i).startsWith("temp"), order.toString());
      }
    }
  }
}
