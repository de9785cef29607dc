package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.sql.Cells;
import io.sqlitesafe.sql.RowSink.Rows;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Like the sqlite3 shell, shows nothing at all for a result without rows.
 *
 * @param cells whether the printer takes {@link Rows.OfCells}, which it would say too late
 * @param typed what the printer says of itself there
 */
record HeaderOnFirstRow(RowPrinter next, boolean cells, boolean typed) implements RowPrinter {
  @Override
  public Rows columns(List<String> names) {
    Supplier<Rows> begin = () -> next.columns(names);
    return cells ? new LateCells(begin, typed) : new LateValues(begin);
  }

  @Override
  public void finish() {
    next.finish();
  }

  private static final class LateCells implements Rows.OfCells {
    private final Supplier<Rows> begin;
    private final boolean typed;
    private Rows.@Nullable OfCells rows;

    LateCells(Supplier<Rows> begin, boolean typed) {
      this.begin = begin;
      this.typed = typed;
    }

    @Override
    public void cells(Cells row) {
      if (rows == null) {
        rows = (Rows.OfCells) begin.get();
      }
      rows.cells(row);
    }

    @Override
    public boolean typed() {
      return typed;
    }
  }

  private static final class LateValues implements Rows.OfValues {
    private final Supplier<Rows> begin;
    private Rows.@Nullable OfValues rows;

    LateValues(Supplier<Rows> begin) {
      this.begin = begin;
    }

    @Override
    public void row(@Nullable Object[] values) {
      if (rows == null) {
        rows = (Rows.OfValues) begin.get();
      }
      rows.row(values);
    }

    @Override
    public boolean faithful() {
      return true;
    }
  }
}
