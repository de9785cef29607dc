package io.sqlitesafe.cli.output.rows;

import java.util.List;

/** Without the names; of a printer that needs none for its rows. */
record SkippedHeader(RowPrinter next) implements RowPrinter {
  @Override
  public Rows columns(List<String> names) {
    return next.columns(List.of());
  }

  @Override
  public void finish() {
    next.finish();
  }
}
