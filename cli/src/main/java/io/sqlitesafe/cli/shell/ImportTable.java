package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.SqlLiteral;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.PreparedSql;
import io.sqlitesafe.sql.RowSink;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table that an import fills, whatever the file is. */
record ImportTable(String name) {
  /** Makes it, each column of text. */
  void create(Handle handle, List<String> columns) {
    handle.update(
        "CREATE TABLE " + SqlLiteral.quotedName(name) + "(" + list(columns, " TEXT") + ")");
  }

  /** The statement for one row with values for these columns. */
  PreparedSql insert(Handle handle, List<String> columns) {
    return handle.prepare(
        "INSERT INTO "
            + SqlLiteral.quotedName(name)
            + "("
            + list(columns, "")
            + ") VALUES(?"
            + ",?".repeat(columns.size() - 1)
            + ")");
  }

  private static String list(List<String> names, String after) {
    return String.join(
        ",", names.stream().map(each -> SqlLiteral.quotedName(each) + after).toList());
  }

  /** Inserts a row; an error names the line of the file. */
  static void run(PreparedSql insert, List<? extends @Nullable Object> values, long line) {
    try {
      insert.run(values, RowSink.NOWHERE);
    } catch (SqliteSafeException e) {
      throw at(line, e);
    }
  }

  /** The same error, with the line of the file that it is about. */
  static SqliteSafeException at(long line, SqliteSafeException e) {
    return new SqliteSafeException(
            e.kind(), "input line " + line + ": " + e.getMessage(), e.hint(), e.getCause())
        .with("line", line);
  }
}
