package io.sqlitesafe.it.kit;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All rows of all ordinary tables of a database, read without the program under test. */
public final class Content {
  private Content() {}

  /**
   * Rows in no order, by table; generated columns included, virtual tables and their storage not.
   */
  public static Map<String, List<String>> of(Path file) {
    Map<String, List<String>> tables = new TreeMap<>();
    try (Connection connection = Db.open(file, "ro")) {
      for (String table : names(connection)) {
        tables.put(table, rows(connection, table));
      }
      return tables;
    } catch (SQLException e) {
      throw new AssertionError(file.toString(), e);
    }
  }

  private static List<String> names(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                    + " AND name NOT LIKE 'sqlite@_%' ESCAPE '@'")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static List<String> rows(Connection connection, String table) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT * FROM main.\"" + table.replace("\"", "\"\"") + '"')) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          Object value = rows.getObject(i);
          line.append(i > 1 ? "|" : "");
          if (value instanceof byte[] bytes) {
            line.append("x'").append(HexFormat.of().formatHex(bytes)).append('\'');
          } else if (value instanceof String text) {
            line.append('"').append(text).append('"');
          } else {
            line.append(value);
          }
        }
        lines.add(line.toString());
      }
    }
    Collections.sort(lines);
    return lines;
  }
}
