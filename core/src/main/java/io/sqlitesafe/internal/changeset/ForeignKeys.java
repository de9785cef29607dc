package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Conflict;
import io.sqlitesafe.error.SqliteSafeException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Rows whose foreign keys have no parent (sqlite.org/pragma.html#pragma_foreign_key_check). */
public final class ForeignKeys {
  private ForeignKeys() {}

  /** How many of them there are, by "child table -> parent table". Reads all child tables. */
  static Map<String, Long> violations(Connection connection) throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT \"table\" || ' -> ' || parent, count(*) FROM pragma_foreign_key_check"
                    + " GROUP BY 1 ORDER BY 1")) {
      while (rows.next()) {
        counts.put(rows.getString(1), rows.getLong(2));
      }
    }
    return counts;
  }

  /** The conflict as an error that tells the tables, while the transaction is still open. */
  public static SqliteSafeException conflict(Connection connection) {
    try {
      return conflict(violations(connection));
    } catch (SQLException e) {
      return TableRun.aborted(Conflict.FOREIGN_KEY); // the conflict is what matters
    }
  }

  public static SqliteSafeException conflict(Map<String, Long> violations) {
    StringJoiner text = new StringJoiner(", ", ": ", "");
    violations.forEach((tables, rows) -> text.add(tables + " (" + rows + ")"));
    return TableRun.aborted("", Conflict.FOREIGN_KEY, violations.isEmpty() ? "" : text.toString())
        .with("foreignKeys", violations);
  }

  /** Whether SQLite enforces them on this connection. */
  public static boolean enforced(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("PRAGMA foreign_keys")) {
      return rows.next() && rows.getBoolean(1);
    }
  }
}
