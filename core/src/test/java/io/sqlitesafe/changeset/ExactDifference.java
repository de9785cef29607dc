package io.sqlitesafe.changeset;

import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The exact difference of two states of a database, found by reading both whole into memory. */
public final class ExactDifference {
  private ExactDifference() {}

  public static byte[] bytes(ChangeSorter sorter) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ChangesetWriter writer = new ChangesetWriter(out, "memory", Format.CHANGESET)) {
      sorter.transferTo(writer);
    }
    return out.toByteArray();
  }

  public static String text(byte[] changeset) {
    StringBuilder text = new StringBuilder();
    try (ChangesetReader reader = ChangesetReader.of(changeset, "memory")) {
      for (var change = reader.next(); change != null; change = reader.next()) {
        text.append("\n  ").append(reader.table().name()).append(' ').append(change);
      }
    }
    return text.toString();
  }

  /** All rows of all tables that can be captured, by table and key. */
  public record Content(SchemaShape shape, Map<String, Map<List<Value>, Value[]>> tables) {
    public static Content of(Connection connection) throws SQLException {
      return of(connection, false);
    }

    /**
     * @param rowids tables without a key go by their rowids
     */
    public static Content of(Connection connection, boolean rowids) throws SQLException {
      SchemaShape shape = SchemaShape.of(connection, "main", rowids);
      SqlValues values = SqlValues.of(connection);
      Map<String, Map<List<Value>, Value[]>> tables = new TreeMap<>();
      for (TableShape table : shape.capturable()) {
        Map<List<Value>, Value[]> rows = new LinkedHashMap<>();
        String columns =
            String.join(", ", table.columns().stream().map(TableShape.Column::sql).toList());
        try (Statement statement = connection.createStatement();
            ResultSet result =
                statement.executeQuery("SELECT " + columns + " FROM " + table.sql("main"))) {
          while (result.next()) {
            add(rows, table, values.row(result, table.columns().size()));
          }
        }
        tables.put(table.name(), rows);
      }
      return new Content(shape, tables);
    }

    private static void add(Map<List<Value>, Value[]> rows, TableShape table, Value[] row) {
      List<Value> key = new ArrayList<>();
      for (int place : table.keyPlaces()) {
        Value value = row[place];
        if (value.equals(Value.NULL)) {
          if (table.kind() != TableShape.Kind.STATISTICS) {
            return;
          }
          value = Value.blob(new byte[0]);
          row[place] = value;
        }
        boolean zero = value.kind() == Value.Kind.REAL && value.real() == 0;
        key.add(zero ? Value.real(0) : value);
      }
      rows.put(key, row);
    }

    Map<List<Value>, Value[]> rows(String table) {
      TableShape known = shape.table(table);
      return known == null ? Map.of() : tables.getOrDefault(known.name(), Map.of());
    }

    public String text() {
      StringBuilder text = new StringBuilder();
      tables.forEach(
          (name, rows) -> {
            text.append(name).append('\n');
            rows.values().stream().map(Arrays::toString).sorted().forEach(text::append);
          });
      return text.toString();
    }
  }

  /** As a changeset in canonical order. */
  public static byte[] bytes(Content before, Content after) {
    try (ChangeSorter sorter = new ChangeSorter()) {
      for (TableShape table : after.shape.capturable()) {
        TableShape old = before.shape.table(table.name());
        boolean statistics = table.kind() == TableShape.Kind.STATISTICS;
        if (old != null && !statistics && !sameColumns(old, table)) {
          continue;
        }
        sorter.table(new TableHeader(table.name(), table.keyBytes()));
        Map<List<Value>, Value[]> was = before.rows(table.name());
        Map<List<Value>, Value[]> is = after.rows(table.name());
        was.forEach(
            (key, row) -> {
              if (!is.containsKey(key)) {
                sorter.change(Change.delete(row));
              }
            });
        is.forEach(
            (key, row) -> {
              Value @Nullable [] previous = was.get(key);
              if (previous == null) {
                sorter.change(Change.insert(row));
              } else {
                update(table, previous, row, sorter);
              }
            });
      }
      return bytes(sorter);
    }
  }

  private static boolean sameColumns(TableShape a, TableShape b) {
    return a.columns().stream()
            .map(TableShape.Column::name)
            .toList()
            .equals(b.columns().stream().map(TableShape.Column::name).toList())
        && Arrays.equals(a.keyBytes(), b.keyBytes());
  }

  private static void update(TableShape table, Value[] was, Value[] is, ChangeSorter sorter) {
    Value[] old = was.clone();
    Value[] now = is.clone();
    boolean changed = false;
    for (int i = 0; i < was.length; i++) {
      boolean key = table.columns().get(i).key() > 0;
      if (key || was[i].isUnchanged(is[i])) {
        old[i] = key ? was[i] : Value.UNDEFINED;
        now[i] = Value.UNDEFINED;
      } else {
        changed = true;
      }
    }
    if (changed) {
      sorter.change(Change.update(old, now));
    }
  }
}
