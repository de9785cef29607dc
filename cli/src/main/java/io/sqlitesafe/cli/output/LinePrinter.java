package io.sqlitesafe.cli.output;

import io.sqlitesafe.db.Cells;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One value a line, its name before it. */
final class LinePrinter implements RowPrinter {
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
  public void columns(List<String> columns) {
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
  }

  @Override
  public Form form() {
    return Form.CELLS;
  }

  @Override
  public void row(@Nullable Object[] values) {
    throw new UnsupportedOperationException(); // see form()
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
