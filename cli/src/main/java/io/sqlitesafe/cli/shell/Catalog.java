package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names in a database, for completion and for suggestions. A database that cannot be read has
 * none: neither is worth an error of its own.
 */
public final class Catalog {
  private final SafeSession session;

  public Catalog(SafeSession session) {
    this.session = session;
  }

  /** Tables and views, those of attached databases with their schema before them. */
  public List<String> tables() {
    return names(
        "SELECT iif(schema IN ('main', 'temp'), '', schema || '.') || name FROM pragma_table_list"
            + " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND type <> 'shadow' ORDER BY 1");
  }

  /** Columns of a table or view. */
  public List<String> columns(String table) {
    int dot = table.indexOf('.');
    return dot < 0
        ? names("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1", table)
        : names(
            "SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1",
            table.substring(dot + 1),
            table.substring(0, dot));
  }

  /** Columns of all tables. */
  public List<String> allColumns() {
    List<String> all = new ArrayList<>();
    tables().forEach(table -> all.addAll(columns(table)));
    return all;
  }

  public List<String> functions() {
    return names(
        "SELECT DISTINCT name FROM pragma_function_list WHERE name GLOB '[a-z]*' ORDER BY 1");
  }

  public List<String> pragmas() {
    return names("SELECT name FROM pragma_pragma_list ORDER BY 1");
  }

  private List<String> names(String sql, @Nullable Object... values) {
    try {
      return session.read(reading -> column(reading, sql, values));
    } catch (SqliteSafeException e) {
      return List.of();
    }
  }

  /** The first column of every row as text. */
  static List<String> column(Handle session, String sql, @Nullable Object... values) {
    List<String> column = new ArrayList<>();
    for (Map<String, @Nullable Object> row : session.rows(sql, values)) {
      column.add(String.valueOf(row.values().iterator().next()));
    }
    return column;
  }
}
