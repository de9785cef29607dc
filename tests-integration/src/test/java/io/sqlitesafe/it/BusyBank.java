package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A database whose transactions each touch many pages and keep two sums: a copy that is torn, or
 * that mixes two commits, shows.
 */
final class BusyBank {
  static final List<String> TRANSFER =
      List.of(
          "UPDATE accounts SET balance = balance + CASE id % 2 WHEN 0 THEN 3 ELSE -3 END",
          "DELETE FROM churn WHERE id % 3 = (SELECT n % 3 FROM counter)",
          "INSERT INTO churn(body) SELECT randomblob(300) FROM accounts LIMIT 20",
          "INSERT INTO log(body) VALUES(randomblob(50))",
          "UPDATE counter SET n = n + 1");

  private static final int ACCOUNTS = 600;

  private static final String PYTHON =
      """
      import sqlite3, sys, time
      c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=600)
      c.execute('PRAGMA cache_size=5')
      while True:
          c.execute('BEGIN IMMEDIATE')
          for sql in sys.argv[2:]:
              c.execute(sql)
          c.execute('COMMIT')
          print('moved', flush=True)
          time.sleep(0.04)
      """;

  private static final String SHELL =
      "while sqlite3 -cmd '.timeout 600000' \"$1\" \"PRAGMA cache_size=5; BEGIN IMMEDIATE; $2; COMMIT\";"
          + " do echo moved; sleep 0.04; done";

  private BusyBank() {}

  static Path create(Path directory, String name, String journalMode) {
    return Db.create(
        directory,
        name,
        "PRAGMA journal_mode=" + journalMode,
        "CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INT, pad)",
        "CREATE INDEX accounts_balance ON accounts(balance, id)",
        "CREATE TABLE log(id INTEGER PRIMARY KEY, body)",
        "CREATE TABLE churn(id INTEGER PRIMARY KEY, body)",
        "CREATE TABLE counter(n INT)",
        "INSERT INTO counter VALUES(0)",
        "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < "
            + ACCOUNTS
            + ") INSERT INTO accounts SELECT x, 1000, zeroblob(400) FROM c");
  }

  /** Ours, Python's, and the shell's: the last two know nothing of the lock. */
  static List<Running> writers(Path db) {
    Object[] python = new Object[TRANSFER.size() + 4];
    python[0] = "python3";
    python[1] = "-c";
    python[2] = PYTHON;
    python[3] = db;
    for (int i = 0; i < TRANSFER.size(); i++) {
      python[i + 4] = TRANSFER.get(i);
    }
    List<Running> writers =
        List.of(
            Worker.program("transfer", db).start(),
            Program.of(python).start(),
            Program.of("sh", "-c", SHELL, "sh", db, String.join("; ", TRANSFER)).start());
    writers.forEach(writer -> writer.awaitOut("moved"));
    return writers;
  }

  /** The file alone, as it is: no journal beside it is looked at. */
  static void assertConsistent(Path file) {
    String uri =
        "jdbc:sqlite:file:"
            + java.net.URLEncoder.encode(file.toString(), StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/")
            + "?immutable=1";
    try (Connection connection = DriverManager.getConnection(uri);
        Statement statement = connection.createStatement()) {
      assertEquals(ACCOUNTS * 1000L, number(statement, "SELECT sum(balance) FROM accounts"));
      assertEquals(
          0, number(statement, "SELECT (SELECT n FROM counter) - (SELECT count(*) FROM log)"));
      assertEquals(
          2, number(statement, "SELECT count(DISTINCT balance) FROM accounts"), "as of one commit");
      try (ResultSet row = statement.executeQuery("PRAGMA integrity_check")) {
        row.next();
        assertEquals("ok", row.getString(1), file.toString());
      }
    } catch (SQLException e) {
      throw new AssertionError(file.toString(), e);
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
