package io.sqlitesafe.cli.output;

import java.io.Writer;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The sqlite3 shell's insert mode. */
final class ShellInsertPrinter implements RowPrinter {
  private final TextOut out;
  private final Layout layout;
  private String head = "";

  ShellInsertPrinter(Writer out, Layout layout) {
    this.out = new TextOut(out);
    this.layout = layout;
  }

  @Override
  public void columns(List<String> names) {
    String columns =
        layout.headersOr(false)
            ? names.stream().map(SqlLiteral::name).collect(Collectors.joining(",", "(", ")"))
            : "";
    head = "INSERT INTO " + SqlLiteral.name(layout.table()) + columns + " VALUES(";
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
