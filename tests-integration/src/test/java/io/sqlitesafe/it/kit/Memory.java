package io.sqlitesafe.it.kit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.sqlite.SQLiteConnection;

/** Databases in memory, as bytes between uses: thousands of cases need no files. */
public final class Memory {
  private Memory() {}

  /** A connection to a database with this content; none = a new one. */
  public static Connection open(byte[] content) throws SQLException {
    SQLiteConnection connection =
        (SQLiteConnection) DriverManager.getConnection("jdbc:sqlite::memory:");
    if (content.length > 0) {
      connection.deserialize("main", content);
    }
    return connection;
  }

  public static byte[] content(Connection connection) throws SQLException {
    return ((SQLiteConnection) connection).serialize("main");
  }

  /** A new database that these statements make. */
  public static byte[] create(List<String> sql) throws SQLException {
    try (Connection connection = open(new byte[0])) {
      for (String each : sql) {
        Db.execute(connection, each);
      }
      return content(connection);
    }
  }

  /** Every value of every row of every table, exactly: what to compare databases by. */
  public static List<String> dump(byte[] content) {
    try (Connection connection = open(content)) {
      return dump(connection);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  public static List<String> dump(Connection connection) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT name FROM pragma_table_list WHERE schema='main' AND type"
                    + " IN('table','shadow') AND name<>'sqlite_schema' ORDER BY name")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    List<String> lines = new ArrayList<>();
    for (String table : tables) {
      List<String> of = new ArrayList<>();
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery("SELECT * FROM \"" + table.replace("\"", "\"\"") + '"')) {
        while (rows.next()) {
          StringBuilder line = new StringBuilder(table);
          for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
            line.append('|').append(exact(rows, i));
          }
          of.add(line.toString());
        }
      }
      of.sort(null);
      lines.addAll(of);
    }
    return lines;
  }

  private static String exact(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    if (value == null) {
      return "NULL";
    }
    if (value instanceof Double real) {
      return "r" + Long.toHexString(Double.doubleToRawLongBits(real));
    }
    if (value instanceof Number) {
      return "i" + value;
    }
    byte[] bytes = rows.getBytes(column);
    String hex = HexFormat.of().formatHex(bytes == null ? new byte[0] : bytes);
    return (value instanceof byte[] ? "b" : "t") + hex;
  }
}
