package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.VirtualTableSql;
import io.sqlitesafe.sql.Handle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names in a database, as far as they can be read: of a damaged schema nothing may be known.
 *
 * @param tables names, virtual ones included
 * @param indexTables the table of each index
 * @param byRoot the object whose b-tree begins on a page
 * @param definitions CREATE statements of ordinary tables
 * @param virtual definitions of virtual tables
 */
record Schema(
    List<String> tables,
    Map<String, String> indexTables,
    Map<Long, Item> byRoot,
    Map<String, String> definitions,
    Map<String, VirtualTableSql> virtual) {

  /** A b-tree's owner; {@code index} is null for the table itself. */
  record Item(String table, @Nullable String index) {}

  static Schema of(Handle handle) {
    Schema schema =
        new Schema(
            new ArrayList<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    schema.byRoot.put(1L, new Item("sqlite_schema", null));
    try {
      handle
          .rows(
              "SELECT type, name, tbl_name, rootpage, CAST(sql AS TEXT) AS sql"
                  + " FROM sqlite_schema")
          .forEach(schema::add);
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED && e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      // The integrity check meets the same and reports it.
    }
    return schema;
  }

  private void add(Map<String, @Nullable Object> row) {
    String name = String.valueOf(row.get("name"));
    String table = String.valueOf(row.get("tbl_name"));
    boolean index = "index".equals(row.get("type"));
    if (row.get("rootpage") instanceof Long root && root > 0) {
      byRoot.put(root, new Item(table, index ? name : null));
    }
    if (index) {
      indexTables.put(name, table);
    } else if ("table".equals(row.get("type"))) {
      tables.add(name);
      if (row.get("sql") instanceof String sql) {
        define(name, sql);
      }
    }
  }

  private void define(String name, String sql) {
    VirtualTableSql module = VirtualTableSql.parse(sql);
    if (module == null) {
      definitions.put(name, sql);
    } else {
      virtual.put(name, module);
    }
  }

  /** The longest table name that {@code text} begins with, followed by {@code end}; or null. */
  @Nullable String tableBefore(String text, String end) {
    String best = null;
    for (String table : tables) {
      if (text.startsWith(table + end) && (best == null || table.length() > best.length())) {
        best = table;
      }
    }
    return best;
  }

  /** A name as SQL writes it. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
