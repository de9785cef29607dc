package io.sqlitesafe.probe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Transactions of two sides in one scratch database, without the lock of the protocol. */
final class Commits {
  private static final Duration BUSY = Duration.ofSeconds(2);
  private static final int TOO_MANY_ERRORS = 10;

  private Commits() {}

  /** A new database. */
  static void create(Path file, String journal) throws SQLException {
    try (Database database = Database.open(file, OpenMode.CREATE, BUSY, new Cancellation())) {
      database.execute(
          "PRAGMA journal_mode="
              + journal
              + "; CREATE TABLE counter(n INT); INSERT INTO counter VALUES(0);"
              + " CREATE TABLE log(side TEXT, n INT)");
    }
  }

  /**
   * What one side did.
   *
   * @param done transactions that SQLite said it had committed
   * @param error the first error but for busy ones; empty = none
   */
  record Done(int done, String error) {
    List<String> words() {
      return List.of(Integer.toString(done), error);
    }

    static Done of(List<String> words) {
      return new Done(Integer.parseInt(words.get(0)), words.get(1));
    }
  }

  /** Commits as often as it can until then, by this host's clock. */
  static Done write(Path file, String side, long endMicros) {
    int done = 0;
    int errors = 0;
    String first = "";
    do {
      // A connection that has seen an error may have seen it for good.
      try (Database database = Database.open(file, OpenMode.WRITE, BUSY, new Cancellation())) {
        do {
          long before = Clocks.now();
          done += commit(database, side) ? 1 : 0;
          letOtherIn(Clocks.now() - before);
        } while (Clocks.now() < endMicros);
      } catch (SQLException | SqliteSafeException e) {
        errors++;
        first = first.isEmpty() ? String.valueOf(e.getMessage()) : first;
      }
    } while (Clocks.now() < endMicros && errors < TOO_MANY_ERRORS);
    return new Done(done, first);
  }

  /** SQLite's waiting is not fair: who begins again at once shuts the other out. */
  private static void letOtherIn(long took) {
    long pause = ThreadLocalRandom.current().nextLong(Math.min(2 * took, 50_000) + 4_000);
    Clocks.sleepUntil(Clocks.now() + pause);
  }

  private static boolean commit(Database database, String side) throws SQLException {
    try {
      database.execute(
          "BEGIN IMMEDIATE; UPDATE counter SET n = n + 1;"
              + " INSERT INTO log SELECT '"
              + side
              + "', n FROM counter; COMMIT");
      return true;
    } catch (SQLException e) {
      if (!SqlErrors.isBusy(e)) {
        throw e;
      }
      rollback(database);
      return false;
    }
  }

  private static void rollback(Database database) throws SQLException {
    try {
      database.execute("ROLLBACK");
    } catch (SQLException e) {
      if (SqlErrors.isBusy(e)) {
        throw e;
      }
      // No transaction was open.
    }
  }

  /** What is wrong with the database in which so many commits were reported; empty = nothing. */
  static String verify(Path file, int reported) {
    try (Database database = Database.open(file, OpenMode.WRITE, BUSY, new Cancellation())) {
      List<String> problems = new ArrayList<>();
      String check = single(database, "PRAGMA quick_check");
      if (!check.equals("ok")) {
        problems.add("malformed (" + check + ")");
      }
      long rows = Long.parseLong(single(database, "SELECT count(DISTINCT n) FROM log"));
      if (rows < reported) {
        problems.add((reported - rows) + " of " + reported + " commits lost");
      }
      return String.join(", ", problems);
    } catch (SQLException | SqliteSafeException e) {
      return "malformed or unreadable (" + e.getMessage() + ")";
    }
  }

  private static String single(Database database, String sql) throws SQLException {
    try (Statement statement = database.connection().createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
