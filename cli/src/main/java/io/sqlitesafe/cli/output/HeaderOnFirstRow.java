package io.sqlitesafe.cli.output;

import io.sqlitesafe.db.Cells;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Like the sqlite3 shell, shows nothing at all for a result without rows. */
record HeaderOnFirstRow(RowPrinter next, Pending pending) implements RowPrinter {
  private static final class Pending {
    private @Nullable List<String> names;
  }

  HeaderOnFirstRow(RowPrinter next) {
    this(next, new Pending());
  }

  @Override
  public void columns(List<String> names) {
    pending.names = names;
  }

  @Override
  public Form form() {
    return next.form();
  }

  @Override
  public void row(@Nullable Object[] values) {
    showNames();
    next.row(values);
  }

  @Override
  public void cells(Cells row) {
    showNames();
    next.cells(row);
  }

  private void showNames() {
    List<String> names = pending.names;
    if (names != null) {
      next.columns(names);
      pending.names = null;
    }
  }

  @Override
  public void finish() {
    next.finish();
  }
}
