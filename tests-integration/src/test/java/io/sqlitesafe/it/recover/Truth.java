package io.sqlitesafe.it.recover;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is in a database.
 *
 * @param tables for each table, its rows by their keys; values as SQL
 * @param records the rows as they are stored, with their rowids, and where they belong
 * @param past rows as above that were deleted, or whose table was dropped
 */
record Truth(
    Map<String, Map<String, String>> tables, Map<String, String> records, Set<String> past) {
  private static final Set<String> COMPUTED =
      Set.of("_data", "_idx", "_docsize", "_config", "_segments", "_segdir", "_stat", "_node");

  static Truth of(Path file) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      return of(connection);
    }
  }

  static Truth of(Connection connection) throws SQLException {
    Map<String, Map<String, String>> tables = new TreeMap<>();
    Map<String, String> records = new HashMap<>();
    for (String name : names(connection)) {
      if (COMPUTED.stream().noneMatch(name::endsWith)) {
        Form form = Form.of(connection, name);
        tables.put(name, rows(connection, name, form, records));
      }
    }
    return new Truth(tables, records, new HashSet<>());
  }

  static List<String> names(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement sql = connection.createStatement();
        ResultSet rows =
            sql.executeQuery(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
                    + " AND name NOT LIKE 'sqlite_%'")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  /** How many rows there are. */
  int size() {
    return tables.values().stream().mapToInt(Map::size).sum();
  }

  /**
   * A table.
   *
   * @param stored the columns of its records, in their order; NULL for the rowid's other name
   */
  record Form(boolean rowid, List<String> columns, List<String> stored, boolean added) {
    static Form of(Connection connection, String table) throws SQLException {
      List<String> columns = new ArrayList<>();
      List<String> stored = new ArrayList<>();
      Set<String> key = new HashSet<>();
      boolean without;
      try (Statement sql = connection.createStatement()) {
        try (ResultSet row =
            sql.executeQuery("SELECT wr FROM pragma_table_list('" + table + "')")) {
          without = row.next() && row.getBoolean(1);
        }
        List<String> keyOrder = new ArrayList<>();
        try (ResultSet rows =
            sql.executeQuery(
                "SELECT x.name FROM pragma_index_list('"
                    + table
                    + "') i, pragma_index_xinfo(i.name) x WHERE i.origin = 'pk' ORDER BY"
                    + " x.seqno")) {
          while (rows.next()) {
            keyOrder.add(rows.getString(1));
          }
        }
        try (ResultSet rows =
            sql.executeQuery(
                "SELECT name, pk, hidden FROM pragma_table_xinfo('" + table + "') ORDER BY cid")) {
          while (rows.next()) {
            String name = rows.getString(1);
            columns.add(name);
            boolean alias = rows.getInt(2) > 0 && keyOrder.isEmpty();
            if (alias) {
              key.add(name);
            }
            if (rows.getInt(3) != 2) {
              stored.add(alias ? "NULL" : "\"" + name + "\"");
            }
          }
        }
        if (without) {
          stored.clear();
          keyOrder.forEach(name -> stored.add("\"" + name + "\""));
        }
      }
      return new Form(!without, columns, stored, columns.contains("extra"));
    }
  }

  private static Map<String, String> rows(
      Connection connection, String table, Form form, Map<String, String> records)
      throws SQLException {
    StringBuilder sql = new StringBuilder("SELECT ");
    sql.append(form.rowid ? "rowid" : "0");
    form.columns.forEach(column -> sql.append(", quote(\"").append(column).append("\")"));
    form.stored.forEach(column -> sql.append(", quote(").append(column).append(")"));
    Map<String, String> found = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql + " FROM \"" + table + "\"")) {
      while (rows.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < form.columns.size(); i++) {
          values.add(rows.getString(i + 2));
        }
        String all = String.join("|", values);
        String id = form.rowid ? rows.getString(1) : "";
        found.put(form.rowid ? id : all, all);
        List<String> stored = new ArrayList<>();
        for (int i = 0; i < form.stored.size(); i++) {
          stored.add(number(rows.getString(i + 2 + form.columns.size())));
        }
        String where = table + "|" + (form.rowid ? id : all);
        records.put(id + "|" + String.join("|", stored), where);
        if (form.added) {
          records.put(id + "|" + String.join("|", stored.subList(0, stored.size() - 1)), where);
        }
      }
    }
    return found;
  }

  /** A REAL without a fraction is stored as an integer. */
  static String number(String quoted) {
    return quoted.endsWith(".0") && !quoted.startsWith("'")
        ? quoted.substring(0, quoted.length() - 2)
        : quoted;
  }
}
