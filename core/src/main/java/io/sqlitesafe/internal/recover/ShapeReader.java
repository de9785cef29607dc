package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.changeset.Affinity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks SQLite, which has understood its CREATE TABLE, what a table's records look like
 * (sqlite.org/fileformat2.html, sections 2.3 and 2.4). Stateless.
 */
final class ShapeReader {
  private static final int VIRTUAL = 2;

  private ShapeReader() {}

  /**
   * A table.
   *
   * @param rowidName what its rowid may be called; null where it has none, or columns took all
   *     names
   */
  record TableForm(Shape shape, boolean withoutRowid, @Nullable String rowidName) {}

  static TableForm of(Connection connection, String table) throws SQLException {
    Kind kind = kind(connection, table);
    List<String> key = keyIndex(connection, table);
    Map<String, Shape.Field> fields = new HashMap<>();
    List<Shape.Field> stored = new ArrayList<>();
    Set<String> names = new HashSet<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?)"
                + " ORDER BY cid")) {
      query.setString(1, table);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          Shape.Field field = field(row, kind, key.isEmpty());
          names.add(field.name().toLowerCase(Locale.ROOT));
          fields.put(field.name(), field);
          if (row.getInt(6) != VIRTUAL) {
            stored.add(field);
          }
        }
      }
    }
    if (kind.withoutRowid()) {
      stored = key.stream().map(fields::get).filter(java.util.Objects::nonNull).toList();
    }
    return new TableForm(
        new Shape(List.copyOf(stored)),
        kind.withoutRowid(),
        kind.withoutRowid() ? null : rowidName(names));
  }

  private record Kind(boolean withoutRowid, boolean strict) {}

  private static Kind kind(Connection connection, String table) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT wr, strict FROM pragma_table_list(?) WHERE schema = 'main'")) {
      query.setString(1, table);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? new Kind(row.getBoolean(1), row.getBoolean(2)) : new Kind(false, false);
      }
    }
  }

  /**
   * A column.
   *
   * @param rowidIsKey there is no index of a primary key, so a column that is one is the rowid
   */
  private static Shape.Field field(ResultSet row, Kind kind, boolean rowidIsKey)
      throws SQLException {
    String type = row.getString(2) == null ? "" : row.getString(2);
    boolean ofKey = row.getInt(5) > 0;
    return new Shape.Field(
        row.getString(1),
        Affinity.of(type, kind.strict()),
        ofKey && !kind.withoutRowid() && rowidIsKey,
        row.getBoolean(3) || (kind.withoutRowid() && ofKey),
        row.getInt(6) > 1,
        !type.isEmpty(),
        kind.strict() && !type.equalsIgnoreCase("ANY"));
  }

  private static @Nullable String rowidName(Set<String> taken) {
    for (String name : new String[] {"rowid", "_rowid_", "oid"}) {
      if (!taken.contains(name)) {
        return name;
      }
    }
    return null;
  }

  /** The columns of the index of a primary key, which is the table itself WITHOUT ROWID. */
  private static List<String> keyIndex(Connection connection, String table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT x.name FROM pragma_index_list(?) i, pragma_index_xinfo(i.name) x"
                + " WHERE i.origin = 'pk' ORDER BY x.seqno")) {
      query.setString(1, table);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          columns.add(String.valueOf(rows.getString(1)));
        }
      }
    }
    return columns;
  }
}
