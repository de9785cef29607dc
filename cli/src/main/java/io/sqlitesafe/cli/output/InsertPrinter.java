package io.sqlitesafe.cli.output;

import java.io.Writer;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** INSERT statements that bring back every value with its storage class, bit for bit. */
final class InsertPrinter implements RowPrinter {
  private final TextOut out;
  private final String table;
  private String head = "";

  InsertPrinter(Writer out, String table) {
    this.out = new TextOut(out);
    this.table = table;
  }

  /** Equal names are told apart: SQLite would accept them and silently use only one. */
  @Override
  public void columns(List<String> names) {
    head =
        Values.uniqueNames(names).stream()
            .map(InsertPrinter::quotedName)
            .collect(
                Collectors.joining(",", "INSERT INTO " + quotedName(table) + "(", ") VALUES("));
  }

  @Override
  public void row(@Nullable Object[] values) {
    out.add(head);
    for (int i = 0; i < values.length; i++) {
      out.add(i == 0 ? "" : ",").add(literal(values[i]));
    }
    out.add(");\n");
  }

  @Override
  public void finish() {
    out.flush();
  }

  private static String literal(@Nullable Object value) {
    if (value == null || Values.isNull(value)) {
      return "NULL";
    }
    if (value instanceof byte[] bytes) {
      return "x'" + Values.hex(bytes) + "'";
    }
    return value instanceof String text ? textLiteral(text) : Values.text(value);
  }

  /**
   * SQLite stops reading at a NUL, so char(0) has to bring it in; by replace() and not by joining
   * pieces, because SQLite allows only 1000 joins in an expression.
   */
  private static String textLiteral(String text) {
    if (text.indexOf('\0') < 0) {
      return quoted(text, '\'');
    }
    // The backslash is only at the mark's start, so text and mark cannot form another one together.
    String mark = "\\0";
    for (int i = 1; text.contains(mark); i++) {
      mark = "\\0." + i;
    }
    return "replace(" + quoted(text.replace("\0", mark), '\'') + ",'" + mark + "',char(0))";
  }

  private static String quotedName(String name) {
    return quoted(name, '"');
  }

  private static String quoted(String text, char quote) {
    String q = String.valueOf(quote);
    return q + text.replace(q, q + q) + q;
  }
}
