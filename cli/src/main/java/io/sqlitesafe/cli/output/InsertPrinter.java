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
            .map(SqlLiteral::quotedName)
            .collect(
                Collectors.joining(
                    ",", "INSERT INTO " + SqlLiteral.quotedName(table) + "(", ") VALUES("));
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
