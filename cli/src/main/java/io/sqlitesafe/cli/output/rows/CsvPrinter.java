package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CSV by RFC 4180, and TSV. NULL is nothing at all, and the empty string has its quotes. Results
 * are kept apart by an empty line.
 */
final class CsvPrinter implements RowPrinter, RowSink.Rows.OfValues {
  private final TextOut out;
  private final boolean tabs;
  private boolean anyResult;

  private CsvPrinter(OutputStream out, boolean tabs) {
    this.out = new TextOut(out);
    this.tabs = tabs;
  }

  static CsvPrinter commas(OutputStream out) {
    return new CsvPrinter(out, false);
  }

  static CsvPrinter tabs(OutputStream out) {
    return new CsvPrinter(out, true);
  }

  @Override
  public Rows columns(List<String> names) {
    if (names.isEmpty()) {
      return this;
    }
    if (anyResult) {
      endLine();
    }
    anyResult = true;
    List<String> unique = Values.uniqueNames(names);
    for (int i = 0; i < unique.size(); i++) {
      field(i, unique.get(i));
    }
    endLine();
    return this;
  }

  @Override
  public boolean faithful() {
    return true;
  }

  @Override
  public void row(@Nullable Object[] values) {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      field(i, value == null || Values.isNull(value) ? null : Values.text(value));
    }
    endLine();
  }

  @Override
  public void finish() {
    out.flush();
  }

  private void endLine() {
    out.add(tabs ? "\n" : "\r\n");
  }

  private void field(int index, @Nullable String text) {
    if (index > 0) {
      out.add(tabs ? '\t' : ',');
    }
    if (text == null) {
      return;
    }
    String bare = tabs ? escapedForTsv(text) : text;
    if (needsQuotes(bare, index)) {
      out.add('"').add(bare.replace("\"", "\"\"")).add('"');
    } else {
      out.add(bare);
    }
  }

  private boolean needsQuotes(String text, int index) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\n' || c == '\r' || c == (tabs ? '\t' : ',')) {
        return true;
      }
    }
    // some readers take a line that begins with # for a comment
    return text.isEmpty() || (index == 0 && text.charAt(0) == '#');
  }

  static String escapedForTsv(String text) {
    return text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}
