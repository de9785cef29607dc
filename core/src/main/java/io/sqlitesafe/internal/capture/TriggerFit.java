package io.sqlitesafe.internal.capture;

import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.TableShape;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Whether {@link TriggerCapture} can capture a schema. */
final class TriggerFit {
  /** Twice the columns of a table, and two more, must fit into one result row. */
  private static final int MOST_COLUMNS = 990;

  /** Foreign keys of a table that an update of their parent updates too. */
  private static final String FOLLOWING =
      "FROM pragma_foreign_key_list(%1$s, 'main') %2$s"
          + " WHERE %2$s.on_update NOT IN ('NO ACTION', 'RESTRICT')";

  private TriggerFit() {}

  /** What stands against it, or null. */
  static @Nullable String problem(Connection connection, boolean rowids) throws SQLException {
    for (TableShape table : SchemaShape.of(connection, "main", rowids).capturable()) {
      if (table.columns().size() > MOST_COLUMNS) {
        return table.name() + " has too many columns";
      }
      if (hasLateKey(table) && mayFollowItself(connection, table)) {
        return "a foreign key of "
            + table.name()
            + " with ON UPDATE can change a row that has just got the default of its key";
      }
    }
    return null;
  }

  /**
   * Under NOT NULL ON CONFLICT REPLACE a NULL becomes the default only after the BEFORE triggers.
   * The AFTER triggers see it; but foreign-key actions come before those, and the row that they
   * change would be taken for one that had been there.
   */
  private static boolean hasLateKey(TableShape table) {
    return !table.rowidAlias()
        && table.columns().stream()
            .anyMatch(
                column -> column.key() > 0 && column.notNull() && column.defaultSql() != null);
  }

  /** Whether a change of the table's key may come back to it, by its own foreign key or by two. */
  private static boolean mayFollowItself(Connection connection, TableShape table)
      throws SQLException {
    String sql =
        "SELECT EXISTS(SELECT 1 "
            + FOLLOWING.formatted("?1", "f")
            + " AND (f.\"table\" = ?1 COLLATE NOCASE OR EXISTS(SELECT 1 "
            + FOLLOWING.formatted("f.\"table\"", "g")
            + ")))";
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, table.name());
      try (ResultSet rows = query.executeQuery()) {
        return rows.getBoolean(1);
      }
    }
  }
}
