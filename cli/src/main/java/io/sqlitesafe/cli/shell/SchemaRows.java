package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.RowSink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects of a schema, without loss: their names and statements are text as {@link Bytes} has it.
 * SQLite takes the text of a statement up to its first NUL, and takes a BLOB for one, so both hold
 * here.
 */
final class SchemaRows implements RowSink, RowSink.Rows.OfCells {
  /** The columns that a statement is to select, in this order. */
  static final String COLUMNS = "type, name, CAST(sql AS TEXT)";

  /** A table, index, view or trigger. */
  record Item(String type, String name, String sql) {
    boolean isVirtual() {
      return sql.regionMatches(true, 0, "CREATE VIRTUAL TABLE", 0, 20);
    }
  }

  private final List<Item> items = new ArrayList<>();

  private SchemaRows() {}

  /** What {@code sql} selects. */
  static List<Item> of(Handle handle, String sql, @Nullable Object... values) {
    SchemaRows rows = new SchemaRows();
    handle.query(sql, rows, values);
    return rows.items;
  }

  @Override
  public Rows columns(List<String> names) {
    return this;
  }

  @Override
  public void cells(Cells row) {
    String sql = text(row, 2);
    int end = sql.indexOf('\0');
    items.add(new Item(text(row, 0), text(row, 1), end < 0 ? sql : sql.substring(0, end)));
  }

  private static String text(Cells row, int column) {
    byte[] bytes = row.bytes(column);
    return bytes == null ? "" : Bytes.text(bytes);
  }
}
