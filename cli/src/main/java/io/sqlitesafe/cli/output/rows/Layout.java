package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.sql.Cells;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sqlite3 shell lets people set about its output modes.
 *
 * @param headers names above the columns; null = as the mode has it by itself
 * @param nullValue shown for NULL, where the mode has no word of its own for it
 * @param columnSeparator between columns; null = as the mode has it by itself
 * @param rowSeparator after each row, likewise
 * @param widths of columns, in order: 0 = by content, negative = right-aligned; values wider are
 *     wrapped
 * @param wrap where columnar modes wrap a value if no width is given; 0 = never
 * @param table named by insert mode
 * @param newlines insert mode leaves line ends in text as they are
 */
public record Layout(
    @Nullable Boolean headers,
    String nullValue,
    @Nullable String columnSeparator,
    @Nullable String rowSeparator,
    List<Integer> widths,
    int wrap,
    String table,
    boolean newlines) {
  /** As sqlite3 starts. */
  public static final Layout DEFAULT =
      new Layout(null, "", null, null, List.of(), 60, "table", false);

  public Layout withHeaders(@Nullable Boolean value) {
    return new Layout(
        value, nullValue, columnSeparator, rowSeparator, widths, wrap, table, newlines);
  }

  public Layout withNullValue(String value) {
    return new Layout(headers, value, columnSeparator, rowSeparator, widths, wrap, table, newlines);
  }

  /** Null for those of the mode. */
  public Layout withSeparators(@Nullable String column, @Nullable String row) {
    return new Layout(headers, nullValue, column, row, widths, wrap, table, newlines);
  }

  public Layout withWidths(List<Integer> value) {
    return new Layout(
        headers, nullValue, columnSeparator, rowSeparator, value, wrap, table, newlines);
  }

  public Layout withWrap(int value) {
    return new Layout(
        headers, nullValue, columnSeparator, rowSeparator, widths, value, table, newlines);
  }

  public Layout withTable(String value) {
    return new Layout(
        headers, nullValue, columnSeparator, rowSeparator, widths, wrap, value, newlines);
  }

  public Layout withNewlines(boolean value) {
    return new Layout(
        headers, nullValue, columnSeparator, rowSeparator, widths, wrap, table, value);
  }

  boolean headersOr(boolean otherwise) {
    return headers == null ? otherwise : headers;
  }

  /** The text of a value, as SQLite itself has it; see {@link Bytes}. */
  String text(Cells row, int column) {
    byte[] bytes = row.bytes(column);
    return bytes == null ? nullValue : Bytes.text(bytes);
  }
}
