package io.sqlitesafe.recover;

import io.sqlitesafe.changeset.Affinity;
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
    boolean strict = false;
    boolean withoutRowid = false;
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT wr, strict FROM pragma_table_list(?) WHERE schema = 'main'")) {
      query.setString(1, table);
      try (ResultSet row = query.executeQuery()) {
        if (row.next()) {
          withoutRowid = row.getBoolean(1);
          strict = row.getBoolean(2);
        }
      }
    }
    List<String> key = keyIndex(connection, table);
    Map<String, Shape.Field> fields = new HashMap<>();
    List<Shape.Field> inOrder = new ArrayList<>();
    Set<String> names = new HashSet<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?)"
                + " ORDER BY cid")) {
      query.setString(1, table);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          String name = row.getString(1);
          String type = row.getString(2) == null ? "" : row.getString(2);
          names.add(name.toLowerCase(Locale.ROOT));
          boolean alias = row.getInt(5) > 0 && !withoutRowid && key.isEmpty();
          boolean notNull = row.getBoolean(3) || (withoutRowid && row.getInt(5) > 0);
          Shape.Field field =
              new Shape.Field(
                  name,
                  Affinity.of(type, strict),
                  alias,
                  notNull,
                  row.getInt(6) > 1,
                  !type.isEmpty(),
                  strict && !type.equalsIgnoreCase("ANY"));
          fields.put(name, field);
          if (row.getInt(6) != VIRTUAL) {
            inOrder.add(field);
          }
        }
      }
    }
    if (withoutRowid) {
      inOrder = key.stream().map(fields::get).filter(java.util.Objects::nonNull).toList();
    }
    return new TableForm(
        new Shape(List.copyOf(inOrder)), withoutRowid, withoutRowid ? null : rowidName(names));
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
