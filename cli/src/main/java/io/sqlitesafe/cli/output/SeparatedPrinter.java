package io.sqlitesafe.cli.output;

import java.io.Writer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The sqlite3 shell's list and csv modes. */
final class SeparatedPrinter implements RowPrinter {
  private final TextOut out;
  private final Layout layout;
  private final String separator;
  private final String lineEnd;
  private final UnaryOperator<String> quoting;

  private SeparatedPrinter(
      Writer out, Layout layout, String separator, String lineEnd, UnaryOperator<String> quoting) {
    this.out = new TextOut(out);
    this.layout = layout;
    this.separator = separator;
    this.lineEnd = lineEnd;
    this.quoting = quoting;
  }

  static SeparatedPrinter list(Writer out, Layout layout) {
    return new SeparatedPrinter(
        out, layout, layout.columnSeparator(), "\n", UnaryOperator.identity());
  }

  static SeparatedPrinter csv(Writer out, Layout layout) {
    return new SeparatedPrinter(out, layout, ",", "\r\n", SeparatedPrinter::quoted);
  }

  @Override
  public void columns(List<String> names) {
    if (layout.headersOr(false)) {
      line(names.stream().map(quoting).toArray(String[]::new));
    }
  }

  @Override
  public void row(@Nullable Object[] values) {
    String[] cells = new String[values.length];
    for (int i = 0; i < cells.length; i++) {
      String text = layout.text(values[i]);
      cells[i] = values[i] == null ? text : quoting.apply(text);
    }
    line(cells);
  }

  private void line(String[] cells) {
    for (int i = 0; i < cells.length; i++) {
      out.add(i == 0 ? "" : separator).add(cells[i]);
    }
    out.add(lineEnd);
  }

  private static String quoted(String text) {
    return isPlain(text) ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** More is quoted than RFC 4180 asks for: that is how sqlite3 does it. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == ',') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  @Override
  public void finish() {
    out.flush();
  }
}
