package io.sqlitesafe.it.recover;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many rows a recovery brought.
 *
 * @param right rows in their table with all their values
 * @param elsewhere right rows that are not in their table, but in the lost and found
 * @param wrong rows in a table that were not in it
 * @param foreign of the wrong ones, whole rows that belong to another table, or were deleted
 * @param lost rows that are nowhere
 */
record Score(int right, int elsewhere, int wrong, int foreign, int lost) {
  static final Score NONE = new Score(0, 0, 0, 0, 0);

  static Score of(Truth truth, Path recovered) throws SQLException {
    if (!Files.exists(recovered)) {
      return new Score(0, 0, 0, 0, truth.size());
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + recovered)) {
      return of(truth, connection);
    }
  }

  private static Score of(Truth truth, Connection connection) throws SQLException {
    return of(truth, connection, new HashSet<>());
  }

  /**
   * As above.
   *
   * @param seen is given the rows that were found, as {@link Truth#records} names them
   */
  static Score of(Truth truth, Connection connection, Set<String> seen) throws SQLException {
    Truth found = Truth.of(connection);
    int right = 0;
    int wrong = 0;
    int foreign = 0;
    for (Map.Entry<String, Map<String, String>> table : truth.tables().entrySet()) {
      Map<String, String> rows = found.tables().getOrDefault(table.getKey(), Map.of());
      for (Map.Entry<String, String> row : rows.entrySet()) {
        if (row.getValue().equals(table.getValue().get(row.getKey()))) {
          right++;
          seen.add(table.getKey() + "|" + row.getKey());
        } else {
          wrong++;
          foreign += isForeign(truth, found, table.getKey(), row.getKey()) ? 1 : 0;
        }
      }
    }
    int elsewhere = 0;
    for (String name : Truth.names(connection)) {
      if (name.startsWith("lost_and_found") || name.endsWith("_conflicts")) {
        for (String record : records(connection, name, name.startsWith("lost"))) {
          String where = truth.records().get(record);
          if (where != null && seen.add(where)) {
            elsewhere++;
          }
        }
      }
    }
    return new Score(right, elsewhere, wrong, foreign, truth.size() - right - elsewhere);
  }

  /** No byte of it was altered, so it must not be there. */
  private static boolean isForeign(Truth truth, Truth found, String table, String key) {
    String where = table + "|" + key;
    return found.records().entrySet().stream()
        .filter(record -> record.getValue().equals(where))
        .anyMatch(
            record ->
                truth.records().containsKey(record.getKey())
                    || truth.past().contains(record.getKey()));
  }

  private static List<String> records(Connection connection, String table, boolean counted)
      throws SQLException {
    List<String> records = new ArrayList<>();
    try (Statement sql = connection.createStatement();
        ResultSet columns =
            sql.executeQuery("SELECT count(*) FROM pragma_table_info('" + table + "')")) {
      int count = columns.getInt(1);
      StringBuilder select = new StringBuilder("SELECT ");
      List<String> names = new ArrayList<>();
      try (Statement list = connection.createStatement();
          ResultSet each =
              list.executeQuery("SELECT name FROM pragma_table_info('" + table + "')")) {
        while (each.next()) {
          names.add("\"" + each.getString(1) + "\"");
        }
      }
      int first = counted ? 4 : 2;
      select.append(names.get(counted ? 3 : 0));
      select.append(',').append(counted ? names.get(2) : String.valueOf(count - first));
      for (int i = first; i < count; i++) {
        select.append(", quote(").append(names.get(i)).append(')');
      }
      try (ResultSet rows = sql.executeQuery(select + " FROM \"" + table + "\"")) {
        while (rows.next()) {
          List<String> values = new ArrayList<>();
          int fields = Math.min(rows.getInt(2), count - first);
          for (int i = 0; i < fields; i++) {
            values.add(Truth.number(rows.getString(i + 3)));
          }
          String id = rows.getString(1);
          records.add((id == null ? "" : id) + "|" + String.join("|", values));
        }
      }
    }
    return records;
  }

  int found() {
    return right + elsewhere;
  }

  Score plus(Score other) {
    return new Score(
        right + other.right,
        elsewhere + other.elsewhere,
        wrong + other.wrong,
        foreign + other.foreign,
        lost + other.lost);
  }
}
