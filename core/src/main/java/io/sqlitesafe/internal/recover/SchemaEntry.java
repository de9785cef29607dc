package io.sqlitesafe.internal.recover;

import org.jspecify.annotations.Nullable;

/**
 * A row of {@code sqlite_schema}.
 *
 * @param type table, index, view or trigger
 * @param root the first page of its tree; 0 = it has none
 * @param sql null for an index that a constraint makes
 */
record SchemaEntry(String type, String name, String table, int root, @Nullable String sql) {
  boolean isTable() {
    return type.equals("table");
  }

  boolean isVirtual() {
    return isTable() && sql != null && sql.regionMatches(true, 0, "CREATE VIRTUAL", 0, 14);
  }

  /** Made by SQLite itself. */
  boolean isInternal() {
    return name.regionMatches(true, 0, "sqlite_", 0, 7);
  }
}
