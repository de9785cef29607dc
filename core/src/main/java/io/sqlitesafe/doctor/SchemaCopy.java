package io.sqlitesafe.doctor;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.sql.Handle;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * A database in memory with the tables, views and indexes of another, without rows and triggers:
 * statements can be tried there that would write, and triggers one by one, where SQLite would name
 * none of them. For one thread.
 */
final class SchemaCopy implements AutoCloseable {
  private final JDBC4Connection connection;
  private final Map<String, String> failures = new LinkedHashMap<>();

  private SchemaCopy(JDBC4Connection connection) {
    this.connection = connection;
  }

  static SchemaCopy of(Handle handle) {
    try {
      SchemaCopy copy =
          new SchemaCopy(new JDBC4Connection("jdbc:sqlite::memory:", ":memory:", new Properties()));
      // Shadow tables come with the virtual tables that they belong to.
      handle
          .rows(
              "SELECT name, tbl_name, type, CAST(sql AS TEXT) AS sql FROM sqlite_schema WHERE sql"
                  + " IS NOT NULL AND type <> 'trigger' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                  + " AND name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND"
                  + " type = 'shadow') ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'view' THEN 2"
                  + " ELSE 3 END, rowid")
          .forEach(copy::add);
      return copy;
    } catch (SQLException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "cannot make a database in memory: " + e.getMessage(), null, e);
    }
  }

  private void add(Map<String, @Nullable Object> row) {
    boolean index = "index".equals(row.get("type"));
    if (index && failures.containsKey(Patient.text(row, "tbl_name"))) {
      return; // its table has been told of
    }
    String failure = failure(Patient.text(row, "sql"));
    if (failure != null) {
      failures.put(Patient.text(row, "name"), failure);
    }
  }

  /** Why a table, view or index could not be made here: it needs what only its program brings. */
  Map<String, String> failures() {
    return failures;
  }

  /** Runs a statement; null, or SQLite's message if it fails. */
  @Nullable String failure(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return null;
    } catch (SQLException e) {
      return SqlErrors.text(e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException nothingToLose) {
      // it was in memory
    }
  }
}
