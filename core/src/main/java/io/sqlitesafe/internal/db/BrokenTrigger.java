package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * Tells which trigger keeps a statement from being compiled. SQLite compiles the triggers of a
 * table together with each statement that fires them, and its error names neither: a mistake in a
 * trigger looks like one in the statement.
 */
public final class BrokenTrigger {
  private BrokenTrigger() {}

  /**
   * The error for a statement that could not be compiled, with the trigger's name if it is one's
   * fault. The connection must be in a transaction for writing; what is tried in it is undone.
   *
   * @param where which statement, as a clause ending in ": ", or empty
   */
  public static SqliteSafeException translate(
      SQLException e, Connection connection, String sql, Path file, String where) {
    String trigger =
        SqlErrors.code(e) == SQLiteErrorCode.SQLITE_ERROR ? find(connection, sql) : null;
    if (trigger == null) {
      return SqlErrors.translate(e, file, where);
    }
    String message = where + "trigger " + trigger + " cannot run: " + SqlErrors.text(e);
    return new SqliteSafeException(
            ErrorKind.FAILED,
            file + ": " + message,
            isOfAnotherProgram(e)
                ? "nothing was changed; it comes with the program that made this database, so only"
                    + " that program can write here, or who loads it (--load-extension)"
                : "nothing was changed; correct that trigger (DROP TRIGGER, CREATE TRIGGER)",
            e)
        .with("sqlite", SqlErrors.code(e).name())
        .with("trigger", trigger);
  }

  /** Something is missing that only programs bring, and no statement makes. */
  public static boolean isOfAnotherProgram(SQLException e) {
    return isOfAnotherProgram(SqlErrors.text(e));
  }

  /** As above, by SQLite's message. */
  public static boolean isOfAnotherProgram(String message) {
    return message.contains("no such function")
        || message.contains("unknown function: ") // in an index or a CHECK
        || message.contains("no such module")
        || message.contains("no such collation sequence")
        || message.contains("no such tokenizer")
        || message.contains("unknown tokenizer: "); // of FTS3 and FTS4
  }

  /** Takes one trigger after the other away until the statement compiles. */
  private static @Nullable String find(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      List<String> names = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery("SELECT name FROM main.sqlite_schema WHERE type = 'trigger'")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      if (names.isEmpty()) {
        return null;
      }
      statement.execute("SAVEPOINT broken_trigger");
      try {
        for (String name : names) {
          statement.execute("DROP TRIGGER main.\"" + name.replace("\"", "\"\"") + '"');
          if (compiles(connection, sql)) {
            return name;
          }
        }
        return null;
      } finally {
        statement.execute("ROLLBACK TO broken_trigger");
        statement.execute("RELEASE broken_trigger");
      }
    } catch (SQLException cannotTry) {
      return null; // the error itself is what matters
    }
  }

  private static boolean compiles(Connection connection, String sql) {
    try {
      connection.prepareStatement(sql).close();
      return true;
    } catch (SQLException no) {
      return false;
    }
  }
}
