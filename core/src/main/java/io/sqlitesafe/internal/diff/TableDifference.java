package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares one table of the schemas {@code base} and {@code main} of one connection, inside SQLite:
 * only rows that differ come out of it. Immutable.
 *
 * @param rowid a name that means the rowid, or null where there is none
 */
record TableDifference(TableShape table, TableHeader header, KeyIndex key, @Nullable String rowid) {
  /** Both rows, and whether there is one, must fit into a result row. */
  static final int MOST_COLUMNS = 990;

  static TableDifference of(Connection connection, TableShape table) throws SQLException {
    return new TableDifference(
        table,
        new TableHeader(table.name(), table.keyBytes()),
        KeyIndex.of(connection, "main", table),
        rowid(connection, table));
  }

  private static @Nullable String rowid(Connection connection, TableShape table)
      throws SQLException {
    if (table.withoutRowid()) {
      return null;
    }
    for (String name : List.of("rowid", "_rowid_", "oid")) {
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT 1 FROM pragma_table_xinfo(?, 'main') WHERE name = ? COLLATE NOCASE")) {
        query.setString(1, table.name());
        query.setString(2, name);
        try (ResultSet taken = query.executeQuery()) {
          if (!taken.next()) {
            return name;
          }
        }
      }
    }
    return null;
  }

  /** The key's index is ordered by what only the table's own program has. */
  boolean needsForeignCollation(Connection connection) throws SQLException {
    for (KeyIndex.KeyColumn column : key.columns()) {
      String order = "SELECT '' ORDER BY 1 COLLATE " + TableShape.quote(column.collation());
      try (PreparedStatement query = connection.prepareStatement(order)) {
        query.executeQuery().close();
      } catch (SQLException e) {
        if (SqlErrors.isForeignCollation(e)) {
          return true;
        }
        throw e;
      }
    }
    return false;
  }

  /** Which rows to look at. */
  enum Part {
    ALL(""),
    /** From one rowid to another. */
    RANGE("{row}{rowid} BETWEEN ? AND ? AND ");

    private final String condition;

    Part(String condition) {
      this.condition = condition;
    }

    private String condition(String row, @Nullable String rowid) {
      return condition.replace("{row}", row).replace("{rowid}", String.valueOf(rowid));
    }
  }

  /** Rows of the base that are gone or changed. */
  String goneOrChanged(Part part) {
    return "SELECT "
        + TableMerge.columns(table, "b.")
        + ", a."
        + TableShape.quote(key.columns().get(0).name())
        + " IS NOT NULL, "
        + TableMerge.columns(table, "a.")
        + " FROM "
        + table.sql("base")
        + " b LEFT JOIN "
        + table.sql("main")
        + " a ON "
        + key.matches("a.", column -> "b." + TableShape.quote(column.name()))
        + " WHERE "
        + part.condition("b.", rowid)
        + complete("b.")
        + "(a."
        + TableShape.quote(key.columns().get(0).name())
        + " IS NULL"
        + differs()
        + ")";
  }

  /** Rows that were not in the base. */
  String added(Part part) {
    return "SELECT "
        + TableMerge.columns(table, "a.")
        + " FROM "
        + table.sql("main")
        + " a WHERE "
        + part.condition("a.", rowid)
        + complete("a.")
        + "NOT EXISTS (SELECT 1 FROM "
        + table.sql("base")
        + " b WHERE "
        + key.matches("b.", column -> "a." + TableShape.quote(column.name()))
        + ")";
  }

  private String complete(String row) {
    return TableMerge.mayHaveNulls(table) ? key.complete(row) + " AND " : "";
  }

  private String differs() {
    return table.columns().stream()
        .filter(column -> column.key() == 0)
        .map(
            column -> {
              String a = "a." + column.sql();
              String b = "b." + column.sql();
              String differs = " OR " + a + " IS NOT " + b + " COLLATE BINARY";
              return KeyIndex.isLoose(table, column.type())
                  // 1 and 1.0 are equal; the first condition spares all but numbers the second
                  ? differs + " OR (" + a + " < '' AND typeof(" + a + ") <> typeof(" + b + "))"
                  : differs;
            })
        .collect(Collectors.joining());
  }

  /** Hands on the rows of {@link #goneOrChanged}; returns how many are gone. */
  long emitGoneOrChanged(ResultSet rows, SqlValues values, ChangeSink sink) throws SQLException {
    int columns = table.columns().size();
    long gone = 0;
    while (rows.next()) {
      Value[] row = values.row(rows, 2 * columns + 1);
      boolean present = row[columns].integer() == 1;
      Value[] before = Arrays.copyOfRange(row, 0, columns);
      Value @Nullable [] after = present ? Arrays.copyOfRange(row, columns + 1, row.length) : null;
      RowChange.emitShared(header, before, after, sink);
      gone += present ? 0 : 1;
    }
    return gone;
  }

  /** Hands on the rows of {@link #added}. */
  void emitAdded(ResultSet rows, SqlValues values, ChangeSink sink) throws SQLException {
    while (rows.next()) {
      RowChange.emitShared(header, null, values.row(rows, table.columns().size()), sink);
    }
  }

  /** How many rows there are in a range of rowids. */
  String count(String schema) {
    return "SELECT count(*) FROM " + table.sql(schema) + " r WHERE r." + rowid + " BETWEEN ? AND ?";
  }
}
