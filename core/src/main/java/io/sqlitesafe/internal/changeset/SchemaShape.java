package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.internal.changeset.TableShape.Column;
import io.sqlitesafe.internal.changeset.TableShape.Kind;
import io.sqlitesafe.internal.db.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one database as a changeset sees them. A picture of the moment at which it was
 * taken; immutable.
 */
public final class SchemaShape {
  private static final String STATISTICS = "sqlite_stat1";

  /** SQLite's names differ only in more than the case of ASCII letters. */
  private final Map<String, TableShape> tables;

  /** Of a database without tables. */
  public static final SchemaShape NONE = new SchemaShape(Map.of());

  private SchemaShape(Map<String, TableShape> tables) {
    this.tables = Collections.unmodifiableMap(tables);
  }

  /**
   * Reads the shape of {@code schema}: main, temp, or the name of an attached database.
   *
   * @throws SQLException where the schema cannot be read
   */
  public static SchemaShape of(Connection connection, String schema) throws SQLException {
    return of(connection, schema, false);
  }

  /**
   * As above.
   *
   * @param rowids a table without PRIMARY KEY counts as one with its rowid for a key: see {@link
   *     TableShape#ROWID}
   */
  public static SchemaShape of(Connection connection, String schema, boolean rowids)
      throws SQLException {
    return of(connection, schema, rowids, true);
  }

  /** For reading only: what no look-up compares may have any collation. */
  public static SchemaShape forReading(Connection connection, String schema, boolean rowids)
      throws SQLException {
    return of(connection, schema, rowids, false);
  }

  private static SchemaShape of(
      Connection connection, String schema, boolean rowids, boolean writing) throws SQLException {
    Map<String, TableShape> tables = new TreeMap<>();
    for (Listed listed : list(connection, schema)) {
      tables.put(folded(listed.name), shape(connection, schema, listed, rowids, writing));
    }
    return new SchemaShape(tables);
  }

  /** All tables; those of no use to a changeset too. In the order of their folded names. */
  public Collection<TableShape> tables() {
    return tables.values();
  }

  /** The tables whose rows a changeset can hold. */
  public List<TableShape> capturable() {
    return tables.values().stream().filter(table -> table.kind().capturable()).toList();
  }

  /** The table of this name in any case of its ASCII letters, as SQLite looks it up, or null. */
  public @Nullable TableShape table(String name) {
    return tables.get(folded(name));
  }

  /**
   * The virtual table that a shadow table belongs to: the longest name that, with "_", begins its
   * own.
   */
  public String ownerOf(TableShape shadow) {
    String owner = shadow.name();
    int longest = -1;
    for (TableShape table : tables()) {
      int length = table.name().length();
      if (table.kind() == Kind.VIRTUAL
          && length > longest
          && shadow.name().regionMatches(true, 0, table.name() + "_", 0, length + 1)) {
        owner = table.name();
        longest = length;
      }
    }
    return owner;
  }

  /** SQLite folds ASCII letters only. */
  static String folded(String name) {
    StringBuilder folded = new StringBuilder(name);
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        folded.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return folded.toString();
  }

  /** A row of sqlite.org/pragma.html#pragma_table_list. */
  private record Listed(String name, String type, boolean withoutRowid, boolean strict) {}

  private static List<Listed> list(Connection connection, String schema) throws SQLException {
    List<Listed> listed = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, type, wr, strict FROM pragma_table_list"
                + " WHERE schema = ? AND type IN ('table', 'virtual', 'shadow')")) {
      query.setString(1, schema);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          listed.add(
              new Listed(
                  rows.getString(1), rows.getString(2), rows.getBoolean(3), rows.getBoolean(4)));
        }
      }
    }
    return listed;
  }

  private static TableShape shape(
      Connection connection, String schema, Listed listed, boolean rowids, boolean writing)
      throws SQLException {
    if (listed.type.equals("virtual")) {
      // Asking for its columns would load its module, which may be missing here.
      return new TableShape(listed.name, Kind.VIRTUAL, List.of(), false, false, false);
    }
    boolean statistics = folded(listed.name).equals(STATISTICS);
    List<Column> columns = columns(connection, schema, listed.name, statistics);
    Kind kind = kind(listed, statistics, columns);
    if (rowids && kind == Kind.WITHOUT_KEY && !hidesRowid(connection, schema, listed.name)) {
      columns.add(0, new Column(TableShape.ROWID, "INTEGER", 1, true, null));
      kind = Kind.KEYED;
    }
    if (kind == Kind.KEYED
        && (needsForeignCollation(connection, schema, listed.name)
            || (listed.withoutRowid && isUnreadable(connection, schema, listed.name))
            || (writing && comparesForeign(connection, schema, listed.name, columns)))) {
      kind = Kind.FOREIGN;
    }
    boolean keyed = columns.stream().anyMatch(column -> column.key() > 0);
    boolean alias =
        keyed
            && !statistics
            && !listed.withoutRowid
            && !hasKeyIndex(connection, schema, listed.name);
    return new TableShape(listed.name, kind, columns, listed.withoutRowid, listed.strict, alias);
  }

  /** A column has the name by which the rowid would be asked for, generated ones included. */
  private static boolean hidesRowid(Connection connection, String schema, String table)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT 1 FROM pragma_table_xinfo(?, ?) WHERE name = ? COLLATE NOCASE LIMIT 1")) {
      query.setString(1, table);
      query.setString(2, schema);
      query.setString(3, TableShape.ROWID);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** One of its unique indexes, or its key, is ordered by what only a program brings. */
  private static boolean needsForeignCollation(Connection connection, String schema, String table)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT 1 FROM pragma_index_list(?1, ?2) l, pragma_index_xinfo(l.name, ?2) x"
                + " WHERE l.\"unique\" AND x.key AND x.coll COLLATE NOCASE NOT IN"
                + " (SELECT name FROM pragma_collation_list) LIMIT 1")) {
      query.setString(1, table);
      query.setString(2, schema);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** One of its columns is; SQLite says so when it compiles what compares them. */
  private static boolean comparesForeign(
      Connection connection, String schema, String table, List<Column> columns) {
    StringJoiner names = new StringJoiner(", ");
    columns.forEach(column -> names.add(column.sql()));
    String from = TableShape.quote(schema) + "." + TableShape.quote(table);
    try (PreparedStatement query =
        connection.prepareStatement("SELECT DISTINCT " + names + " FROM " + from)) {
      return false;
    } catch (SQLException e) {
      return SqlErrors.isForeignCollation(e);
    }
  }

  /**
   * The trap: such a table is the index that lacks its collation, and nothing can be read of it.
   */
  private static boolean isUnreadable(Connection connection, String schema, String table) {
    String from = TableShape.quote(schema) + "." + TableShape.quote(table);
    try (PreparedStatement query = connection.prepareStatement("SELECT 1 FROM " + from)) {
      return false;
    } catch (SQLException e) {
      return SqlErrors.isForeignCollation(e);
    }
  }

  private static Kind kind(Listed listed, boolean statistics, List<Column> columns) {
    if (listed.type.equals("shadow")) {
      return Kind.SHADOW;
    }
    if (statistics) {
      return Kind.STATISTICS;
    }
    if (folded(listed.name).startsWith("sqlite_")) {
      return Kind.INTERNAL;
    }
    return columns.stream().anyMatch(column -> column.key() > 0) ? Kind.KEYED : Kind.WITHOUT_KEY;
  }

  private static List<Column> columns(
      Connection connection, String schema, String table, boolean statistics) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name, type, pk, \"notnull\", dflt_value FROM pragma_table_xinfo(?, ?)"
                + " WHERE hidden = 0 ORDER BY cid")) {
      query.setString(1, table);
      query.setString(2, schema);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String name = rows.getString(1);
          int key = statistics ? statisticsKey(name) : rows.getInt(3);
          columns.add(
              new Column(name, rows.getString(2), key, rows.getBoolean(4), rows.getString(5)));
        }
      }
    }
    return columns;
  }

  private static int statisticsKey(String column) {
    return switch (column.toLowerCase(Locale.ROOT)) {
      case "tbl" -> 1;
      case "idx" -> 2;
      default -> 0;
    };
  }

  /** INTEGER PRIMARY KEY is the one key that needs no index: the rowid's b-tree serves. */
  private static boolean hasKeyIndex(Connection connection, String schema, String table)
      throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT 1 FROM pragma_index_list(?, ?) WHERE origin = 'pk'")) {
      query.setString(1, table);
      query.setString(2, schema);
      try (ResultSet rows = query.executeQuery()) {
        return rows.next();
      }
    }
  }
}
