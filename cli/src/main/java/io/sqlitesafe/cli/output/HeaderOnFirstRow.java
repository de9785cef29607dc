package io.sqlitesafe.cli.output;

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
  public void row(@Nullable Object[] values) {
    List<String> names = pending.names;
    if (names != null) {
      next.columns(names);
      pending.names = null;
    }
    next.row(values);
  }

  @Override
  public void finish() {
    next.finish();
  }
}
