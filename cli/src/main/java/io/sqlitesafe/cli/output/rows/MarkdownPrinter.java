package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pipe table as GitHub and others render it. Results are kept apart by an empty line. */
final class MarkdownPrinter implements RowPrinter, RowSink.Rows.OfValues {
  private final TextOut out;
  private boolean anyResult;

  MarkdownPrinter(OutputStream out) {
    this.out = new TextOut(out);
  }

  @Override
  public Rows columns(List<String> names) {
    if (names.isEmpty()) {
      return this;
    }
    out.add(anyResult ? "\n|" : "|");
    anyResult = true;
    for (String name : names) {
      out.add(' ').add(escaped(name)).add(" |");
    }
    out.add("\n|").add(" --- |".repeat(names.size())).add('\n');
    return this;
  }

  @Override
  public boolean faithful() {
    return true;
  }

  @Override
  public void row(@Nullable Object[] values) {
    out.add('|');
    for (Object value : values) {
      out.add(' ').add(cell(value)).add(" |");
    }
    out.add('\n');
  }

  @Override
  public void finish() {
    out.flush();
  }

  private static String cell(@Nullable Object value) {
    if (value == null || Values.isNull(value)) {
      return "NULL";
    }
    return value instanceof Number || value instanceof byte[]
        ? Values.text(value)
        : escaped(Values.text(value));
  }

  /** Line breaks as br, so that a value stays in its cell; markup in the data must not act. */
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    String unixLines = text.replace("\r\n", "\n");
    for (int i = 0; i < unixLines.length(); ) {
      int c = unixLines.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '|', '\\', '`', '*', '[' -> escaped.append('\\').append((char) c);
        case '<' -> escaped.append("&lt;");
        case '&' -> escaped.append("&amp;");
        case '\n', '\r' -> escaped.append("<br>");
        default -> DisplayText.append(escaped, c);
      }
    }
    return escaped.toString();
  }
}
