package io.sqlitesafe.changeset;

import io.sqlitesafe.error.SqliteSafeException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** Rows whose foreign keys have no parent (sqlite.org/pragma.html#pragma_foreign_key_check). */
final class ForeignKeys {
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

  /** Adds which tables it is about. */
  static SqliteSafeException describe(Connection connection, SqliteSafeException conflict) {
    try {
      return conflict.with("foreignKeys", violations(connection));
    } catch (SQLException e) {
      return conflict; // the conflict is what matters
    }
  }
}
