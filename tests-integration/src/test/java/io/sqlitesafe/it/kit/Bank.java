package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A database with an invariant: each transaction touches many pages, moves money and never makes
 * any, and is counted and logged. A copy that is torn, or that mixes two commits, shows.
 */
public final class Bank {
  /** One transaction. */
  static final List<String> TRANSFER =
      List.of(
          "UPDATE accounts SET balance = balance + CASE id % 2 WHEN 0 THEN 3 ELSE -3 END",
          "DELETE FROM churn WHERE id % 3 = (SELECT n % 3 FROM counter)",
          "INSERT INTO churn(body) SELECT randomblob(300) FROM accounts LIMIT 20",
          "INSERT INTO log(body) VALUES(randomblob(50))",
          "UPDATE counter SET n = n + 1");

  /** Between two transactions of a writer that leaves room for others. */
  private static final int PAUSE_MILLIS = 40;

  private static final int ACCOUNTS = 600;
  private static final long EACH = 1000;

  private static final String SHELL =
      "while sqlite3 -cmd '.timeout 600000' \"$1\" \"PRAGMA cache_size=5; BEGIN IMMEDIATE; $2;"
          + " COMMIT\"; do echo moved; sleep 0.04; done";

  private Bank() {}

  /** With so many megabytes of other content, so that copying takes a while. */
  public static Path create(Path directory, String name, String mode, int megabytes) {
    Path db =
        Db.create(
            directory,
            name,
            "CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INT, pad)",
            "CREATE INDEX accounts_balance ON accounts(balance, id)",
            "CREATE TABLE log(id INTEGER PRIMARY KEY, body)",
            "CREATE TABLE churn(id INTEGER PRIMARY KEY, body)",
            "CREATE TABLE counter(n INT)",
            "INSERT INTO counter VALUES(0)",
            "CREATE TABLE filler(body)",
            numbers(megabytes) + "INSERT INTO filler SELECT randomblob(1000000) FROM c",
            numbers(ACCOUNTS)
                + "INSERT INTO accounts SELECT x, "
                + EACH
                + ", zeroblob(400) FROM c");
    assertEquals(List.of(mode), Db.column(db, "PRAGMA journal_mode=" + mode));
    return db;
  }

  private static String numbers(int last) {
    return "WITH RECURSIVE c(x) AS (SELECT 1 WHERE %d > 0 UNION ALL SELECT x + 1 FROM c WHERE x < %d) "
        .formatted(last, last);
  }

  /**
   * A writer that knows nothing of the lock: plain SQLite from Python. Its small cache puts pages
   * into the file before the commit, every third transaction is rolled back after that, and its
   * frequent checkpoints start a write-ahead log anew all the time. Prints "moved" per commit; runs
   * until its input ends.
   *
   * @param pauseMillis between transactions
   */
  public static Program foreign(Path db, int pauseMillis) {
    List<Object> words =
        new ArrayList<>(List.of("python3", "-B", Cli.module().resolve("participant/bank.py"), db));
    words.add(pauseMillis / 1000.0);
    words.addAll(TRANSFER);
    return Program.of(words.toArray());
  }

  /** The same under the lock, by the library. */
  public static Program ours(Path db, int pauseMillis) {
    return Worker.program("bank", db, pauseMillis);
  }

  /** Ours, Python's, and the shell's: the last two know nothing of the lock. All have begun. */
  public static List<Running> writers(Path db) {
    List<Running> writers =
        List.of(
            ours(db, PAUSE_MILLIS).start(),
            foreign(db, PAUSE_MILLIS).start(),
            Program.of("sh", "-c", SHELL, "sh", db, String.join("; ", TRANSFER)).start());
    writers.forEach(writer -> writer.awaitOut("moved"));
    return writers;
  }

  /** The file alone, as it is: no journal beside it is looked at. */
  public static void assertWhole(Path copy) {
    String name = URLEncoder.encode(copy.toAbsolutePath().toString(), StandardCharsets.UTF_8);
    assertWhole(
        copy, "jdbc:sqlite:file:" + name.replace("+", "%20").replace("%2F", "/") + "?immutable=1");
  }

  /** With its journal. */
  public static void assertWholeInUse(Path db) {
    try (Connection connection = Db.open(db, "rw")) {
      assertWhole(db, connection);
    } catch (SQLException e) {
      throw new AssertionError(db.toString(), e);
    }
  }

  private static void assertWhole(Path file, String url) {
    try (Connection connection = DriverManager.getConnection(url)) {
      assertWhole(file, connection);
    } catch (SQLException e) {
      throw new AssertionError(file.toString(), e);
    }
  }

  private static void assertWhole(Path file, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      assertEquals(ACCOUNTS * EACH, number(statement, "SELECT sum(balance) FROM accounts"));
      assertEquals(
          0, number(statement, "SELECT (SELECT n FROM counter) - (SELECT count(*) FROM log)"));
      long balances = number(statement, "SELECT count(DISTINCT balance) FROM accounts");
      boolean moved = number(statement, "SELECT n FROM counter") > 0;
      assertTrue(balances == (moved ? 2 : 1), "as of one commit: " + balances);
      try (ResultSet row = statement.executeQuery("PRAGMA integrity_check")) {
        row.next();
        assertEquals("ok", row.getString(1), file.toString());
      }
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
