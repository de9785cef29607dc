package io.sqlitesafe.doctor;

import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.sql.Handle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The database under examination. Valid during one read, and for its thread.
 *
 * @param paths of the file and what lies beside it
 * @param handle reads it, from one snapshot
 * @param copy its schema, without rows
 */
record Patient(LockPaths paths, Handle handle, SchemaCopy copy) {
  /** Ordinary tables of the user. */
  List<String> tables() {
    return names("table");
  }

  /** Names of one type of table, as {@code PRAGMA table_list} has it; none of SQLite's own. */
  List<String> names(String type) {
    List<String> names = new ArrayList<>();
    rows(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = ?"
                + " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
            type)
        .forEach(row -> names.add(text(row, "name")));
    return names;
  }

  List<Map<String, @Nullable Object>> rows(String sql, @Nullable Object... values) {
    return handle.rows(sql, values);
  }

  static String text(Map<String, @Nullable Object> row, String column) {
    return String.valueOf(row.get(column));
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
