package io.sqlitesafe.cli.output;

import io.sqlitesafe.db.Cells;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** INSERT statements that bring back every value with its storage class, bit for bit. */
final class InsertPrinter implements RowPrinter {
  private final TextOut out;
  private final Form form;
  private final boolean newlines;
  private final Function<List<String>, String> target;
  private String head = "";

  private InsertPrinter(
      OutputStream out, Form form, boolean newlines, Function<List<String>, String> target) {
    this.out = new TextOut(out);
    this.form = form;
    this.newlines = newlines;
    this.target = target;
  }

  /**
   * Always with the names of the columns. Equal ones are told apart: SQLite would accept them and
   * silently use only one.
   */
  static InsertPrinter named(OutputStream out, String table) {
    return new InsertPrinter(
        out,
        Form.FAITHFUL, // reals with the fewest digits
        false,
        names ->
            SqlLiteral.quotedName(table)
                + Values.uniqueNames(names).stream()
                    .map(SqlLiteral::quotedName)
                    .collect(Collectors.joining(",", "(", ")")));
  }

  /** The sqlite3 shell's insert mode. */
  static InsertPrinter ofShell(OutputStream out, Layout layout) {
    return new InsertPrinter(
        out,
        Form.CELLS, // reals as SQLite writes them
        layout.newlines(),
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
  public Form form() {
    return form;
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
  public void cells(Cells row) {
    out.add(head);
    for (int i = 0; i < row.count(); i++) {
      out.add(i == 0 ? "" : ",");
      SqlLiteral.write(out, row, i, newlines);
    }
    out.add(");\n");
  }

  @Override
  public void finish() {
    out.flush();
  }
}
