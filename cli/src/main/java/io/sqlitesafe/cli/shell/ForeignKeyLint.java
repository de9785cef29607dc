package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.SqlLiteral;
import io.sqlitesafe.db.Session;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Foreign keys whose columns no index begins with: each change of a parent row then reads the whole
 * child table (sqlite.org/foreignkeys.html, section 3).
 */
final class ForeignKeyLint {
  private record Key(String parent, List<String> from, List<String> to) {}

  private ForeignKeyLint() {}

  /** A CREATE INDEX statement for each. */
  static List<String> advice(Session session) {
    List<String> advice = new ArrayList<>();
    for (String table :
        Catalog.column(
            session, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")) {
      List<List<String>> indexes = indexes(session, table);
      for (Key key : keys(session, table).values()) {
        if (indexes.stream().noneMatch(index -> serves(index, key.from()))) {
          advice.add(statement(table, key));
        }
      }
    }
    return advice;
  }

  private static String statement(String table, Key key) {
    List<String> from = key.from();
    String columns = String.join(", ", from.stream().map(SqlLiteral::name).toList());
    String to = key.to().contains("null") ? "" : "(" + String.join(", ", key.to()) + ")";
    return "CREATE INDEX "
        + SqlLiteral.name(table + "_" + String.join("_", from))
        + " ON "
        + SqlLiteral.name(table)
        + "("
        + columns
        + "); --> "
        + key.parent()
        + to;
  }

  private static Map<String, Key> keys(Session session, String table) {
    Map<String, Key> keys = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> row :
        session.rows(
            "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq",
            table)) {
      Key key =
          keys.computeIfAbsent(
              String.valueOf(row.get("id")),
              id ->
                  new Key(String.valueOf(row.get("table")), new ArrayList<>(), new ArrayList<>()));
      key.from().add(String.valueOf(row.get("from")));
      key.to().add(String.valueOf(row.get("to")));
    }
    return keys;
  }

  /** The columns of each index that covers all rows; the rowid serves as one of them. */
  private static List<List<String>> indexes(Session session, String table) {
    List<List<String>> indexes = new ArrayList<>();
    for (String index :
        Catalog.column(
            session, "SELECT name FROM pragma_index_list(?) WHERE \"partial\" = 0", table)) {
      indexes.add(
          Catalog.column(
              session, "SELECT ifnull(name, '') FROM pragma_index_info(?) ORDER BY seqno", index));
    }
    List<Map<String, @Nullable Object>> primary =
        session.rows("SELECT name, type FROM pragma_table_info(?) WHERE pk > 0", table);
    if (primary.size() == 1
        && "INTEGER".equalsIgnoreCase(String.valueOf(primary.get(0).get("type")))) {
      indexes.add(List.of(String.valueOf(primary.get(0).get("name"))));
    }
    return indexes;
  }

  private static boolean serves(List<String> index, List<String> columns) {
    if (index.size() < columns.size()) {
      return false;
    }
    return lower(index.subList(0, columns.size())).equals(lower(columns));
  }

  private static Set<String> lower(List<String> names) {
    Set<String> lower = new HashSet<>();
    names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
    return lower;
  }
}
