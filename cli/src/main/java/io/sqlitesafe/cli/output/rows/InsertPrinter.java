package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.Cells;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** INSERT statements that bring back every value with its storage class, bit for bit. */
final class InsertPrinter implements RowPrinter {
  private final TextOut out;
  private final boolean shortest;
  private final boolean newlines;
  private final Function<List<String>, String> target;
  private byte[] head = {};

  /**
   * @param shortest reals with the fewest digits, else as SQLite writes them
   */
  private InsertPrinter(
      OutputStream out, boolean shortest, boolean newlines, Function<List<String>, String> target) {
    this.out = new TextOut(out);
    this.shortest = shortest;
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
        true,
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
        false,
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
  public Rows columns(List<String> names) {
    head = Bytes.of("INSERT INTO " + target.apply(names) + " VALUES(");
    return shortest ? new ShortestReals() : (Rows.OfCells) this::cells;
  }

  private final class ShortestReals implements Rows.OfValues {
    @Override
    public void row(@Nullable Object[] values) {
      out.add(head);
      for (int i = 0; i < values.length; i++) {
        out.add(i == 0 ? "" : ",").add(SqlLiteral.of(values[i]));
      }
      out.add(");\n");
    }

    @Override
    public boolean faithful() {
      return true;
    }
  }

  private void cells(Cells row) {
    out.add(head);
    for (int i = 0; i < row.count(); i++) {
      if (i > 0) {
        out.add(',');
      }
      SqlLiteral.write(out, row, i, newlines);
    }
    out.add(");\n");
  }

  @Override
  public void finish() {
    out.flush();
  }
}
