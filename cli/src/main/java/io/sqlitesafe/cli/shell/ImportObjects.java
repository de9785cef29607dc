package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.input.RowReader;
import io.sqlitesafe.cli.output.SqlLiteral;
import io.sqlitesafe.db.PreparedSql;
import io.sqlitesafe.db.RowSink;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that name their columns, of JSON Lines or TSV, into a table, which is made where it is
 * missing. The first row's columns are those of all; one that lacks some has NULL there. All or
 * nothing. For one use.
 */
final class ImportObjects {
  private final RowReader rows;
  private final String table;

  ImportObjects(RowReader rows, String table) {
    this.rows = rows;
    this.table = table;
  }

  /** Returns how many rows there were. */
  Long run(Session session) {
    Map<String, @Nullable Object> first = rows.next();
    if (first == null) {
      return 0L;
    }
    List<String> columns = List.copyOf(first.keySet());
    if (session.rows("SELECT 1 FROM pragma_table_info(?) LIMIT 1", table).isEmpty()) {
      session.update("CREATE TABLE " + name(table) + "(" + list(columns, " TEXT") + ")");
    }
    String places = "?" + ",?".repeat(columns.size() - 1);
    long count = 0;
    try (PreparedSql insert =
        session.prepare(
            "INSERT INTO " + name(table) + "(" + list(columns, "") + ") VALUES(" + places + ")")) {
      for (Map<String, @Nullable Object> row = first; row != null; row = rows.next()) {
        insert(insert, columns, row);
        count++;
      }
    }
    return count;
  }

  private void insert(PreparedSql insert, List<String> columns, Map<String, @Nullable Object> row) {
    for (String name : row.keySet()) {
      if (!columns.contains(name)) {
        throw at(
            new SqliteSafeException(
                ErrorKind.USAGE,
                "\"" + name + "\" is not among the columns of the first row",
                "nothing was imported"));
      }
    }
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    columns.forEach(name -> values.add(row.get(name)));
    try {
      insert.run(values, RowSink.NOWHERE);
    } catch (SqliteSafeException e) {
      throw at(e);
    }
  }

  private SqliteSafeException at(SqliteSafeException e) {
    return new SqliteSafeException(
            e.kind(),
            "input line " + rows.lineNumber() + ": " + e.getMessage(),
            e.hint(),
            e.getCause())
        .with("line", rows.lineNumber());
  }

  private static String list(List<String> names, String after) {
    return String.join(",", names.stream().map(each -> name(each) + after).toList());
  }

  private static String name(String name) {
    return SqlLiteral.quotedName(name);
  }
}
