package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.sql.RowSink;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows as JSON Lines that say what they are, for {@code read --json}. */
public final class RowEvents implements RowPrinter, RowSink.Rows.OfValues {
  private final OutputStream out;
  private List<String> names = List.of();

  public RowEvents(OutputStream out) {
    this.out = out;
  }

  @Override
  public Rows columns(List<String> columns) {
    names = Values.uniqueNames(columns);
    return this;
  }

  @Override
  public void row(@Nullable Object[] values) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      row.put(names.get(i), values[i]);
    }
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("type", "row");
    event.put("row", row);
    JsonOutput.writeLine(out, event);
  }

  @Override
  public void finish() {}
}
