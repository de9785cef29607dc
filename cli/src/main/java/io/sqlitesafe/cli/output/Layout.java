package io.sqlitesafe.cli.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sqlite3 shell lets people set about its output modes.
 *
 * @param headers names above the columns; null = as the mode has it by itself
 * @param nullValue shown for NULL, where the mode has no word of its own for it
 * @param columnSeparator between columns in list mode
 * @param widths of columns, in order: 0 = by content, negative = right-aligned; values wider are
 *     wrapped
 * @param wrap where columnar modes wrap a value if no width is given; 0 = never
 * @param table named by insert mode
 */
public record Layout(
    @Nullable Boolean headers,
    String nullValue,
    String columnSeparator,
    List<Integer> widths,
    int wrap,
    String table) {
  /** As sqlite3 starts. */
  public static final Layout DEFAULT = new Layout(null, "", "|", List.of(), 60, "table");

  public Layout withHeaders(@Nullable Boolean value) {
    return new Layout(value, nullValue, columnSeparator, widths, wrap, table);
  }

  public Layout withNullValue(String value) {
    return new Layout(headers, value, columnSeparator, widths, wrap, table);
  }

  public Layout withColumnSeparator(String value) {
    return new Layout(headers, nullValue, value, widths, wrap, table);
  }

  public Layout withWidths(List<Integer> value) {
    return new Layout(headers, nullValue, columnSeparator, value, wrap, table);
  }

  public Layout withWrap(int value) {
    return new Layout(headers, nullValue, columnSeparator, widths, value, table);
  }

  public Layout withTable(String value) {
    return new Layout(headers, nullValue, columnSeparator, widths, wrap, value);
  }

  boolean headersOr(boolean otherwise) {
    return headers == null ? otherwise : headers;
  }

  /** The text of a value; SQLite's own conversion gives reals 15 digits. */
  String text(@Nullable Object value) {
    if (value == null || Values.isNull(value)) {
      return nullValue;
    }
    if (value instanceof byte[] bytes) {
      return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }
    return value instanceof Double real ? RealText.of(real) : value.toString();
  }
}
