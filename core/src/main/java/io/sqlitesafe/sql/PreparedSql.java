package io.sqlitesafe.sql;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BrokenTrigger;
import io.sqlitesafe.internal.db.SqlErrors;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.SafeStmtPtr;

/** One prepared statement that can be run many times. Not thread-safe. */
public final class PreparedSql implements AutoCloseable {
  private final SQLiteConnection connection;
  private final Path file;
  private final PreparedStatement statement;
  private final List<@Nullable String> names;
  private final String where;
  private final @Nullable StatementListener listener;
  private final String sql;

  /**
   * Prepares exactly one statement.
   *
   * @param where which statement this is, as a clause for messages ("statement 3 (line 5): "), or
   *     empty
   */
  PreparedSql(
      Connection connection,
      Path file,
      String sql,
      String where,
      @Nullable StatementListener listener) {
    this.connection = (SQLiteConnection) connection;
    this.file = file;
    this.where = where;
    this.listener = listener;
    this.sql = sql;
    try {
      if (listener != null) {
        listener.prepared(sql);
      }
      this.statement = connection.prepareStatement(sql);
      this.names = ParameterNames.of(sql);
      int expected = statement.getParameterMetaData().getParameterCount();
      if (expected != names.size()) {
        statement.close();
        throw new SqliteSafeException(
            ErrorKind.INTERNAL,
            where + "counted " + names.size() + " parameters, SQLite counts " + expected,
            "please report this statement");
      }
    } catch (SQLException e) {
      throw BrokenTrigger.translate(e, connection, sql, file, where);
    }
  }

  /** The distinct parameter names without prefix; null for a positional one. */
  public List<@Nullable String> parameterNames() {
    return names;
  }

  /**
   * What one run did.
   *
   * @param changes rows inserted, updated or deleted by the statement itself
   * @param rows rows returned
   */
  public record Outcome(long changes, long rows) {}

  /** Runs with named parameters, each of which must have a value (which may be null). */
  public Outcome run(Map<String, ? extends @Nullable Object> parameters, RowSink sink) {
    Object[] values = new Object[names.size()];
    for (int i = 0; i < values.length; i++) {
      String name = names.get(i);
      if (name == null || !parameters.containsKey(name)) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            where + (name == null ? "parameter ? has no name" : "no value for parameter :" + name),
            name == null
                ? "write :NAME instead of ?"
                : "give it by --param " + name + "=VALUE, or by a column of that name in --rows");
      }
      values[i] = parameters.get(name);
    }
    return runWith(values, sink);
  }

  /** Runs with values by position. */
  public Outcome run(List<? extends @Nullable Object> values, RowSink sink) {
    if (values.size() != names.size()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          where + names.size() + " parameters, but " + values.size() + " values",
          null);
    }
    return runWith(values.toArray(), sink);
  }

  private Outcome runWith(@Nullable Object[] values, RowSink sink) {
    try {
      for (int i = 0; i < values.length; i++) {
        bind(i + 1, values[i]);
      }
      long before = connection.getDatabase().total_changes();
      long rows = 0;
      if (statement.execute()) {
        try (ResultSet results = statement.getResultSet()) {
          rows = deliver(results, sink);
        }
      }
      // changes() keeps its old value over a statement that is no DML; the total tells whether it
      // is of this one.
      boolean changed = connection.getDatabase().total_changes() != before;
      long changes = changed ? connection.getDatabase().changes() : 0;
      if (listener != null) {
        listener.done(sql);
      }
      return new Outcome(changes, rows);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, file, where);
    }
  }

  private void bind(int index, @Nullable Object value) throws SQLException {
    if (value == null) {
      statement.setObject(index, null);
    } else if (value instanceof byte[] bytes) {
      statement.setBytes(index, bytes);
    } else if (value instanceof Boolean flag) {
      statement.setLong(index, flag ? 1 : 0);
    } else if (value instanceof Double || value instanceof Float) {
      statement.setDouble(index, ((Number) value).doubleValue());
    } else if (value instanceof Number number) {
      statement.setLong(index, number.longValue());
    } else {
      statement.setString(index, wellFormed(value.toString()));
    }
  }

  /** Of half a surrogate pair the driver would silently make a question mark. */
  private String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          throw new SqliteSafeException(
              ErrorKind.USAGE,
              where + "a text contains half a surrogate pair, which is no character",
              "give bytes as a BLOB");
        }
        i++;
      }
    }
    return text;
  }

  private long deliver(ResultSet results, RowSink sink) throws SQLException {
    ResultSetMetaData meta = results.getMetaData();
    int columns = meta.getColumnCount();
    List<String> labels = new ArrayList<>(columns);
    for (int i = 1; i <= columns; i++) {
      labels.add(meta.getColumnLabel(i));
    }
    RowSink.Rows rows = sink.columns(labels);
    return rows instanceof RowSink.Rows.OfCells cells
        ? cells(results, columns, cells)
        : values(results, columns, (RowSink.Rows.OfValues) rows);
  }

  private long values(ResultSet results, int columns, RowSink.Rows.OfValues to)
      throws SQLException {
    boolean faithful = to.faithful();
    long rows = 0;
    while (results.next()) {
      @Nullable Object[] row = new @Nullable Object[columns];
      for (int i = 0; i < columns; i++) {
        Object value = results.getObject(i + 1);
        if (value instanceof Integer number) {
          value = number.longValue();
        } else if (faithful && value instanceof String text && text.indexOf('\uFFFD') >= 0) {
          // Asked for text, SQLite has made UTF-8 of it by now, whatever the database has.
          byte[] bytes = results.getBytes(i + 1);
          MalformedText malformed = MalformedText.of(bytes, StandardCharsets.UTF_8);
          value = malformed == null ? text : malformed;
        }
        row[i] = value;
      }
      to.row(row);
      rows++;
    }
    return rows;
  }

  private long cells(ResultSet results, int columns, RowSink.Rows.OfCells to) throws SQLException {
    long rows = 0;
    Cells cells = null;
    SafeStmtPtr pointer = ((CoreStatement) statement).pointer;
    while (results.next()) {
      if (cells == null) {
        cells = new Cells(columns, charset(), to.typed());
      }
      cells.fill(pointer);
      to.cells(cells);
      rows++;
    }
    return rows;
  }

  private Charset charset() throws SQLException {
    try (Statement pragma = connection.createStatement();
        ResultSet encoding = pragma.executeQuery("PRAGMA encoding")) {
      return Cells.charset(encoding.getString(1));
    }
  }

  @Override
  public void close() {
    try {
      statement.close();
    } catch (SQLException e) {
      throw SqlErrors.translate(e, file, where);
    }
  }
}
