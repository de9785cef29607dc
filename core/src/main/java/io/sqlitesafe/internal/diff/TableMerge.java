package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableShape.Column;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares one table as two connections see it, both read once in the order of the key. Memory does
 * not grow with the table. Rows with NULL in their key are passed over.
 */
public final class TableMerge {
  private final TableShape table;
  private final TableHeader header;
  private final KeyIndex key;
  private final RowOrder order;

  /** Of a table that has this shape on both sides. */
  public TableMerge(Connection connection, TableShape table) throws SQLException {
    this.table = table;
    this.header = new TableHeader(table.name(), table.keyBytes());
    this.key = KeyIndex.of(connection, "main", table);
    this.order = new RowOrder(key, encoding(connection));
  }

  static String encoding(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet encoding = statement.executeQuery("PRAGMA encoding")) {
      return encoding.getString(1);
    }
  }

  /** All rows in the order of their keys. */
  public static String query(TableShape table, KeyIndex key) {
    return query(table, key, "main", "");
  }

  private static String query(TableShape table, KeyIndex key, String schema, String indexing) {
    return "SELECT "
        + columns(table, "")
        + " FROM "
        + table.sql(schema)
        + indexing
        + (mayHaveNulls(table) ? " WHERE " + key.complete("") : "")
        + " ORDER BY "
        + key.orderBy("");
  }

  static String columns(TableShape table, String row) {
    return table.columns().stream()
        .map(Column::sql)
        .map(row::concat)
        .collect(Collectors.joining(", "));
  }

  /** Only a key that has an index of its own may hold NULL (sqlite.org/quirks.html, section 5). */
  public static boolean mayHaveNulls(TableShape table) {
    return !table.rowidAlias()
        && !table.withoutRowid()
        && table.key().stream().anyMatch(column -> !column.notNull());
  }

  /** Hands on how {@code after} differs from {@code before}. */
  public void run(
      Connection before,
      SqlValues beforeValues,
      Connection after,
      SqlValues afterValues,
      ChangeSink sink)
      throws SQLException {
    try (RowCursor old = new RowCursor(before, beforeValues, query(table, key));
        RowCursor now = new RowCursor(after, afterValues, query(table, key))) {
      merge(old, now, sink);
    }
  }

  /**
   * As above, with {@code base} and {@code main} of one connection for before and after.
   *
   * @param sorted the key's index cannot be used, for its collation is not there
   */
  void run(Connection connection, SqlValues values, boolean sorted, ChangeSink sink)
      throws SQLException {
    String indexing = sorted ? " NOT INDEXED" : "";
    try (RowCursor old = new RowCursor(connection, values, query(table, key, "base", indexing));
        RowCursor now = new RowCursor(connection, values, query(table, key, "main", indexing))) {
      merge(old, now, sink);
    }
  }

  private void merge(RowCursor old, RowCursor now, ChangeSink sink) throws SQLException {
    sink.table(header);
    Value @Nullable [] a = old.next();
    Value @Nullable [] b = now.next();
    while (a != null || b != null) {
      int side = a == null ? 1 : b == null ? -1 : order.compare(a, b);
      RowChange.emit(header, side <= 0 ? a : null, side >= 0 ? b : null, sink);
      a = side <= 0 ? old.next() : a;
      b = side >= 0 ? now.next() : b;
    }
  }
}
