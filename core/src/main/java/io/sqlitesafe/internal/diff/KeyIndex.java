package io.sqlitesafe.internal.diff;

import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableShape.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a table's rows are found and ordered by their primary key. Keys are told apart by storage
 * class and bytes, while SQLite's index may know fewer differences (COLLATE NOCASE) and an untyped
 * column takes 1 and 1.0 for equal; so a look-up says both: what the index can find, and what the
 * key really is. Immutable.
 *
 * @param columns the key, in the index's order
 */
public record KeyIndex(List<KeyColumn> columns) {
  private static final String BINARY = "BINARY";

  /**
   * One column of the key.
   *
   * @param place among the table's columns, counted from 0
   * @param collation of the index
   * @param loose 1 and 1.0 can both be stored, but are equal
   */
  public record KeyColumn(int place, String name, String collation, boolean down, boolean loose) {
    String sql() {
      return TableShape.quote(name);
    }
  }

  /** Reads it from the schema; a table whose key is another name of its rowid has no index. */
  public static KeyIndex of(Connection connection, String schema, TableShape table)
      throws SQLException {
    List<KeyColumn> columns = new ArrayList<>();
    if (!table.rowidAlias()) {
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT x.name, x.coll, x.\"desc\" FROM pragma_index_list(?1, ?2) i,"
                  + " pragma_index_xinfo(i.name, ?2) x WHERE i.origin = 'pk' AND x.key"
                  + " ORDER BY x.seqno")) {
        query.setString(1, table.name());
        query.setString(2, schema);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            columns.add(column(table, rows));
          }
        }
      }
    }
    if (columns.isEmpty()) {
      for (Column column : table.key()) {
        int place = table.columns().indexOf(column);
        columns.add(new KeyColumn(place, column.name(), BINARY, false, false));
      }
    }
    return new KeyIndex(List.copyOf(columns));
  }

  private static KeyColumn column(TableShape table, ResultSet row) throws SQLException {
    String name = row.getString(1);
    for (int i = 0; i < table.columns().size(); i++) {
      Column column = table.columns().get(i);
      if (column.name().equals(name)) {
        return new KeyColumn(
            i, name, row.getString(2), row.getBoolean(3), isLoose(table, column.type()));
      }
    }
    throw new IllegalStateException("the key of " + table.name() + " has no column " + name);
  }

  /** Without affinity a value is stored as it came (sqlite.org/datatype3.html, section 3.1). */
  public static boolean isLoose(TableShape table, String type) {
    String upper = type.toUpperCase(java.util.Locale.ROOT);
    if (table.strict()) {
      return upper.equals("ANY") || upper.equals("BLOB");
    }
    boolean other =
        upper.contains("INT")
            || upper.contains("CHAR")
            || upper.contains("CLOB")
            || upper.contains("TEXT");
    return !other && (upper.isEmpty() || upper.contains("BLOB"));
  }

  public boolean loose() {
    return columns.stream().anyMatch(KeyColumn::loose);
  }

  /** Every column's place, in the index's order. */
  public int[] places() {
    return columns.stream().mapToInt(KeyColumn::place).toArray();
  }

  /**
   * A condition that a row's key is exactly that of another row.
   *
   * @param row prefix of the row that is looked up by its index, such as {@code r.}
   * @param other gives the SQL of the other's key column
   */
  public String matches(String row, java.util.function.Function<KeyColumn, String> other) {
    return columns.stream()
        .map(
            column -> {
              String left = row + column.sql();
              String right = other.apply(column);
              String condition =
                  column.collation().equalsIgnoreCase(BINARY)
                      ? left + " COLLATE BINARY = " + right
                      : left
                          + " COLLATE "
                          + TableShape.quote(column.collation())
                          + " = "
                          + right
                          + " AND "
                          + left
                          + " COLLATE BINARY = "
                          + right;
              return column.loose()
                  ? condition + " AND typeof(" + left + ") = typeof(" + right + ")"
                  : condition;
            })
        .collect(Collectors.joining(" AND "));
  }

  /** As {@link #matches}, but as the index sees it. */
  public String collides(String row, java.util.function.Function<KeyColumn, String> other) {
    return columns.stream()
        .map(
            column ->
                row
                    + column.sql()
                    + " COLLATE "
                    + TableShape.quote(column.collation())
                    + " = "
                    + other.apply(column))
        .collect(Collectors.joining(" AND "));
  }

  /** ORDER BY terms that {@link RowOrder} agrees with, served by the index where it can. */
  public String orderBy(String row) {
    return columns.stream()
        .map(column -> row + column.sql() + " COLLATE BINARY" + (column.down() ? " DESC" : ""))
        .collect(Collectors.joining(", "));
  }

  /** A condition that no part of the key is NULL, which an ordinary table allows. */
  public String complete(String row) {
    return columns.stream()
        .map(column -> row + column.sql() + " IS NOT NULL")
        .collect(Collectors.joining(" AND "));
  }
}
