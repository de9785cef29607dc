package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.rows.TablePrinter;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many changes a changeset has of each table. */
public final class ChangesetStatistics {
  /** A hostile file could else fill the memory with names. */
  private static final int MOST_TABLES = 100_000;

  private ChangesetStatistics() {}

  /** Reads it to its end, and prints. */
  public static void print(ChangesetReader reader, Invocation invocation, boolean json) {
    Map<String, long[]> tables = new LinkedHashMap<>();
    for (Change change = reader.next(); change != null; change = reader.next()) {
      if (tables.size() > MOST_TABLES) {
        throw new SqliteSafeException(
            ErrorKind.FAILED,
            reader.name() + " is about more than " + MOST_TABLES + " tables",
            null);
      }
      long[] counts = tables.computeIfAbsent(reader.table().name(), name -> new long[3]);
      switch (change.operation()) {
        case INSERT -> counts[0]++;
        case UPDATE -> counts[1]++;
        case DELETE -> counts[2]++;
      }
    }
    if (json) {
      printJson(reader, tables, invocation);
      return;
    }
    TablePrinter printer = new TablePrinter(invocation.console().results());
    printer.columns(List.of("table", "inserts", "updates", "deletes"));
    tables.forEach(
        (name, counts) ->
            printer.row(new @Nullable Object[] {name, counts[0], counts[1], counts[2]}));
    printer.finish();
  }

  private static void printJson(
      ChangesetReader reader, Map<String, long[]> tables, Invocation invocation) {
    List<Map<String, Object>> list =
        tables.entrySet().stream()
            .map(
                entry -> {
                  Map<String, Object> table = new LinkedHashMap<>();
                  table.put("table", entry.getKey());
                  table.put("inserts", entry.getValue()[0]);
                  table.put("updates", entry.getValue()[1]);
                  table.put("deletes", entry.getValue()[2]);
                  return table;
                })
            .toList();
    new Results("changeset show", null)
        .put("file", reader.name())
        .put("format", reader.format() == null ? null : reader.format().label())
        .put("bytes", reader.offset())
        .put("tables", list)
        .print(invocation);
  }
}
