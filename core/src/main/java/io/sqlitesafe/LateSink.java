package io.sqlitesafe;

import io.sqlitesafe.db.Cells;
import io.sqlitesafe.db.RowSink;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for the real sink only when the first rows come. */
final class LateSink implements RowSink {
  private final SafeSession.Receiver receiver;
  private final boolean uncommitted;
  private @Nullable RowSink sink;

  LateSink(SafeSession.Receiver receiver, boolean uncommitted) {
    this.receiver = receiver;
    this.uncommitted = uncommitted;
  }

  @Override
  public void columns(List<String> names) {
    sink = receiver.rows(uncommitted);
    sink.columns(names);
  }

  @Override
  public void row(@Nullable Object[] values) {
    if (sink != null) {
      sink.row(values);
    }
  }

  @Override
  public Form form() {
    return sink == null ? Form.VALUES : sink.form();
  }

  @Override
  public void cells(Cells row) {
    if (sink != null) {
      sink.cells(row);
    }
  }
}
