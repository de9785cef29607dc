package io.sqlitesafe.cli.output;

import java.io.Writer;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** INSERT statements that bring back every value with its storage class, bit for bit. */
final class InsertPrinter implements RowPrinter {
  private final TextOut out;
  private final Function<List<String>, String> target;
  private String head = "";

  private InsertPrinter(Writer out, Function<List<String>, String> target) {
    this.out = new TextOut(out);
    this.target = target;
  }

  /**
   * Always with the names of the columns. Equal ones are told apart: SQLite would accept them and
   * silently use only one.
   */
  static InsertPrinter named(Writer out, String table) {
    return new InsertPrinter(
        out,
        names ->
            SqlLiteral.quotedName(table)
                + Values.uniqueNames(names).stream()
                    .map(SqlLiteral::quotedName)
                    .collect(Collectors.joining(",", "(", ")")));
  }

  /** The sqlite3 shell's insert mode. */
  static InsertPrinter ofShell(Writer out, Layout layout) {
    return new InsertPrinter(
        out,
        names ->
            SqlLiteral.name(layout.table())
                + (layout.headersOr(false)
                    ? names.stream()
                        .map(SqlLiteral::name)
                        .collect(Collectors.joining(",", "(", ")"))
                    : ""));
  }

  @Override
  public void columns(List<String> names) {
    head = "INSERT INTO " + target.apply(names) + " VALUES(";
  }

  @Override
  public void row(@Nullable Object[] values) {
    out.add(head);
    for (int i = 0; i < values.length; i++) {
      out.add(i == 0 ? "" : ",").add(SqlLiteral.of(values[i]));
    }
    out.add(");\n");
  }

  @Override
  public void finish() {
    out.flush();
  }
}
