package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What SQLite's own tables hold: sqlite_stat1, whose rows can be in a changeset, and
 * sqlite_sequence, whose cannot. Neither takes a trigger, and both are small, so they are read
 * whole. Immutable.
 *
 * @param statistics rows of sqlite_stat1 by table and index
 * @param sequences AUTOINCREMENT's greatest rowid by table
 */
public record InternalTables(Map<List<Value>, Value[]> statistics, Map<String, Long> sequences) {
  private static final TableHeader STATISTICS =
      new TableHeader("sqlite_stat1", new byte[] {1, 2, 0});

  /** Reads them. */
  public static InternalTables read(
      Connection connection, String schema, SchemaShape shape, SqlValues values)
      throws SQLException {
    Map<List<Value>, Value[]> statistics = new LinkedHashMap<>();
    TableShape table = shape.table("sqlite_stat1");
    if (table != null) {
      // SQLite's session extension takes a missing index name, the statistics of a table without
      // indexes, for an empty blob.
      String sql =
          "SELECT tbl, coalesce(idx, x''), stat FROM "
              + TableShape.quote(schema)
              + ".sqlite_stat1 WHERE tbl IS NOT NULL";
      try (RowCursor rows = new RowCursor(connection, values, sql)) {
        for (Value[] row = rows.next(); row != null; row = rows.next()) {
          statistics.put(List.of(row[0], row[1]), row);
        }
      }
    }
    Map<String, Long> sequences = new LinkedHashMap<>();
    if (shape.table("sqlite_sequence") != null) {
      String sql = "SELECT name, seq FROM " + TableShape.quote(schema) + ".sqlite_sequence";
      try (RowCursor rows = new RowCursor(connection, values, sql)) {
        for (Value[] row = rows.next(); row != null; row = rows.next()) {
          sequences.merge(
              String.valueOf(row[0].wellFormedText()), row[1].integer(), InternalTables::greater);
        }
      }
    }
    return new InternalTables(statistics, sequences);
  }

  private static Long greater(Long a, Long b) {
    return Math.max(a, b);
  }

  /** Hands on how the statistics have changed since {@code before}. */
  public void statisticsSince(InternalTables before, ChangeSink sink) {
    sink.table(STATISTICS);
    before.statistics.forEach(
        (key, row) -> RowChange.emit(STATISTICS, row, statistics.get(key), sink));
    statistics.forEach(
        (key, row) -> {
          if (!before.statistics.containsKey(key)) {
            RowChange.emit(STATISTICS, null, row, sink);
          }
        });
  }

  /**
   * Tables whose AUTOINCREMENT counter was set back. That it goes forward needs no capture: the
   * inserted rows move it wherever they are applied.
   */
  public List<NotCaptured> sequencesSince(InternalTables before, SchemaShape after) {
    List<NotCaptured> missing = new ArrayList<>();
    before.sequences.forEach(
        (name, sequence) -> {
          Long now = sequences.get(name);
          if (after.table(name) != null && (now == null || now < sequence)) {
            missing.add(
                new NotCaptured(
                    "sqlite_sequence", "the AUTOINCREMENT counter of " + name + " was set back"));
          }
        });
    return missing;
  }
}
