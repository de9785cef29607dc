package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.List;

/** One value a line, its name before it. */
final class LinePrinter implements RowPrinter, RowSink.Rows.OfCells {
  private static final int LEAST_WIDTH = 5;

  private final TextOut out;
  private final Layout layout;
  private List<String> names = List.of();
  private boolean first = true;

  LinePrinter(OutputStream out, Layout layout) {
    this.out = new TextOut(out);
    this.layout = layout;
  }

  @Override
  public Rows columns(List<String> columns) {
    int width = LEAST_WIDTH;
    for (String name : columns) {
      width = Math.max(width, DisplayText.width(name));
    }
    int widest = width;
    names =
        columns.stream()
            .map(name -> " ".repeat(widest - DisplayText.width(name)) + name + " = ")
            .toList();
    first = true;
    return this;
  }

  @Override
  public boolean typed() {
    return false;
  }

  @Override
  public void cells(Cells row) {
    if (!first) {
      out.add('\n');
    }
    first = false;
    for (int i = 0; i < row.count(); i++) {
      out.add(names.get(i)).add(layout.text(row, i)).add('\n');
    }
  }

  @Override
  public void finish() {
    out.flush();
  }
}
