package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.sql.SqlText;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.sqlite.SQLiteConnection;

/**
 * Triggers taken out of the schema, to be put back in the same transaction. SQLite has a switch for
 * triggers (SQLITE_DBCONFIG_ENABLE_TRIGGER), but the driver does not.
 */
public final class DroppedTriggers {
  private final SQLiteConnection connection;

  /** Names and SQL, in the order of the schema, which is the order in which they are put back. */
  private final Map<String, String> dropped = new LinkedHashMap<>();

  private final Map<String, String> restored = new LinkedHashMap<>();

  public DroppedTriggers(SQLiteConnection connection) {
    this.connection = connection;
  }

  public void drop(String table) throws SQLException {
    Map<String, String> found = new LinkedHashMap<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, sql FROM main.sqlite_schema WHERE type='trigger'"
                + " AND tbl_name=? COLLATE NOCASE ORDER BY rowid")) {
      query.setString(1, table);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          found.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    for (String name : found.keySet()) {
      connection.getDatabase()._exec("DROP TRIGGER main." + TableShape.quote(name));
    }
    dropped.putAll(found);
  }

  public void restore() throws SQLException {
    for (String sql : dropped.values()) {
      connection.getDatabase()._exec(sql);
    }
    restored.putAll(dropped);
    dropped.clear();
  }

  /** Which of these tables triggers would have written to that have not fired, and which ones. */
  public Map<String, String> missedBy(Set<String> tables) {
    Map<String, String> missed = new TreeMap<>();
    restored.forEach(
        (trigger, sql) -> {
          for (SqlText.Token token : SqlText.meaningful(sql)) {
            String name = SchemaShape.folded(token.name());
            tables.stream()
                .filter(table -> SchemaShape.folded(table).equals(name))
                .forEach(
                    table ->
                        missed.merge(table, trigger, (a, b) -> a.contains(b) ? a : a + ", " + b));
          }
        });
    return missed;
  }
}
