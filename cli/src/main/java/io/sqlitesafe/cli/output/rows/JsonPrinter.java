package io.sqlitesafe.cli.output.rows;

import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.cli.output.text.TextOut;
import io.sqlitesafe.cli.output.text.Values;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.RowSink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;

/** JSON (an array for each result) and JSON Lines, an object for each row. */
final class JsonPrinter implements RowPrinter, RowSink.Rows.OfValues {
  private final JsonGenerator json;
  private final boolean arrays;
  private boolean arrayOpen;
  private boolean firstRow;
  private List<String> names = List.of();

  JsonPrinter(OutputStream out, boolean arrays) {
    Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    this.json = JsonOutput.generator(text);
    this.arrays = arrays;
  }

  @Override
  public Rows columns(List<String> columns) {
    guarded(
        () -> {
          closeArray();
          names = Values.uniqueNames(columns).stream().map(JsonOutput::wellFormed).toList();
          if (arrays && !columns.isEmpty()) {
            json.writeRaw('[');
            arrayOpen = true;
            firstRow = true;
          }
        });
    return this;
  }

  @Override
  public void row(@Nullable Object[] values) {
    guarded(
        () -> {
          if (arrayOpen && !firstRow) {
            json.writeRaw(",\n");
          }
          firstRow = false;
          json.writeStartObject();
          for (int i = 0; i < values.length; i++) {
            json.writeName(names.get(i));
            JsonOutput.writeValue(json, values[i]);
          }
          json.writeEndObject();
          if (!arrays) {
            json.writeRaw('\n');
          }
        });
  }

  @Override
  public void finish() {
    guarded(
        () -> {
          closeArray();
          json.flush();
        });
  }

  private void closeArray() {
    if (arrayOpen) {
      json.writeRaw("]\n");
      arrayOpen = false;
    }
  }

  private static void guarded(Runnable writing) {
    try {
      writing.run();
    } catch (JacksonException e) {
      throw e.getCause() instanceof IOException io
          ? TextOut.failed(io)
          : new SqliteSafeException(
              ErrorKind.FAILED, "cannot write the output: " + e.getOriginalMessage(), null, e);
    }
  }
}
