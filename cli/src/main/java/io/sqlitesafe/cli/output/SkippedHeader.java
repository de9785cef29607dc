package io.sqlitesafe.cli.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets the names through or not. */
record SkippedHeader(RowPrinter next, boolean shown) implements RowPrinter {
  @Override
  public void columns(List<String> names) {
    if (shown) {
      next.columns(names);
    }
  }

  @Override
  public Form form() {
    return next.form();
  }

  @Override
  public void row(@Nullable Object[] values) {
    next.row(values);
  }

  @Override
  public void finish() {
    next.finish();
  }
}
