package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Like sqlite3's list mode: for scripts, so the text is left as it is. */
final class ListPrinter implements RowPrinter, RowSink.Rows.OfValues {
  private final TextOut out;

  ListPrinter(OutputStream out) {
    this.out = new TextOut(out);
  }

  @Override
  public Rows columns(List<String> names) {
    return this;
  }

  @Override
  public boolean faithful() {
    return true;
  }

  @Override
  public void row(@Nullable Object[] values) {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      out.add(i == 0 ? "" : "|");
      out.add(value == null || Values.isNull(value) ? "" : Values.text(value));
    }
    out.add('\n');
  }

  @Override
  public void finish() {
    out.flush();
  }
}
