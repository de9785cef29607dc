package io.sqlitesafe.doctor;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Foreign keys whose columns no index serves: each DELETE and each change of a key in the parent
 * then reads the whole child table (sqlite.org/foreignkeys.html, "Required and Suggested Database
 * Indexes"). Whether an index serves is asked of SQLite's planner, as values are compared by the
 * collation of the parent's column. Stateless.
 */
public final class ForeignKeyIndexes {
  private ForeignKeyIndexes() {}

  /**
   * A foreign key without an index.
   *
   * @param from columns of the child
   * @param to columns of the parent; empty where the key does not name them
   * @param terms what an index has to begin with, as SQL
   */
  public record Missing(
      String table, List<String> from, String parent, List<String> to, List<String> terms) {}

  private record Key(String parent, List<String> from, List<@Nullable String> to) {}

  /** Those of one table. */
  public static List<Missing> of(Handle handle, String table) {
    List<Missing> missing = new ArrayList<>();
    for (Key key : keys(handle, table).values()) {
      List<String> parents = parents(handle, key);
      List<String> collations = new ArrayList<>();
      for (int i = 0; i < key.from().size(); i++) {
        String wanted = i < parents.size() ? collation(handle, key.parent(), parents.get(i)) : "";
        collations.add(wanted);
      }
      if (!isServed(handle, table, key.from(), collations)) {
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < key.from().size(); i++) {
          String column = key.from().get(i);
          String wanted = collations.get(i);
          boolean same = wanted.isEmpty() || wanted.equals(collation(handle, table, column));
          terms.add(Patient.quoted(column) + (same ? "" : " COLLATE " + wanted));
        }
        List<String> to = key.to().contains(null) ? List.of() : parents;
        missing.add(new Missing(table, key.from(), key.parent(), to, terms));
      }
    }
    return missing;
  }

  private static Map<String, Key> keys(Handle handle, String table) {
    Map<String, Key> keys = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> row :
        handle.rows(
            "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id,"
                + " seq",
            table)) {
      Key key =
          keys.computeIfAbsent(
              Patient.text(row, "id"),
              id -> new Key(Patient.text(row, "table"), new ArrayList<>(), new ArrayList<>()));
      key.from().add(Patient.text(row, "from"));
      key.to().add(row.get("to") == null ? null : Patient.text(row, "to"));
    }
    return keys;
  }

  /** The parent's columns: those that are named, or else its primary key. */
  private static List<String> parents(Handle handle, Key key) {
    if (!key.to().contains(null)) {
      return key.to().stream().map(String::valueOf).toList();
    }
    return handle
        .rows("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", key.parent())
        .stream()
        .map(row -> Patient.text(row, "name"))
        .toList();
  }

  /**
   * The collation of a column, which no pragma tells: by what a UNION takes for equal. Empty where
   * it cannot be told, because the column is not there or the collation is a program's own.
   */
  private static String collation(Handle handle, String table, String column) {
    String rows = "(SELECT " + Patient.quoted(column) + " FROM " + Patient.quoted(table);
    try {
      boolean cases = distinct(handle, rows + " WHERE 0 UNION SELECT 'A' UNION SELECT 'a')") == 1;
      boolean blanks = distinct(handle, rows + " WHERE 0 UNION SELECT 'a' UNION SELECT 'a ')") == 1;
      return cases ? "NOCASE" : blanks ? "RTRIM" : "BINARY";
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      return "";
    }
  }

  private static long distinct(Handle handle, String rows) {
    return handle.integer("SELECT count(*) FROM " + rows);
  }

  /** Whether SQLite finds the rows of a parent's key by all of the columns. */
  private static boolean isServed(
      Handle handle, String table, List<String> columns, List<String> collations) {
    List<String> terms = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      String collation = collations.get(i).isEmpty() ? "" : " COLLATE " + collations.get(i);
      terms.add(Patient.quoted(columns.get(i)) + " = (SELECT " + i + ")" + collation);
    }
    String plan;
    try {
      plan =
          handle
              .rows(
                  "EXPLAIN QUERY PLAN SELECT 1 FROM "
                      + Patient.quoted(table)
                      + " WHERE "
                      + String.join(" AND ", terms))
              .stream()
              .map(row -> Patient.text(row, "detail"))
              .filter(detail -> detail.startsWith("SEARCH "))
              .collect(Collectors.joining());
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.FAILED) {
        throw e;
      }
      return true; // the table cannot be read here; that is told elsewhere
    }
    int used = 0;
    for (int at = plan.indexOf("=?"); at >= 0; at = plan.indexOf("=?", at + 1)) {
      used++;
    }
    // An index of the planner's own is made for one query.
    return !plan.contains("AUTOMATIC") && (used == columns.size() || plan.contains("(rowid=?)"));
  }
}
