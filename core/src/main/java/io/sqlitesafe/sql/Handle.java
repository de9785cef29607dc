package io.sqlitesafe.sql;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.DumpScript;
import io.sqlitesafe.internal.db.SqlErrors;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a unit of work may do with its connection: inside {@code write} everything of it belongs to
 * one transaction; inside {@code read} whatever would write fails. Valid only during that unit of
 * work, and for its thread.
 */
public final class Handle {
  private final Connection connection;
  private final Path file;
  private final boolean guarded;
  private final @Nullable StatementListener listener;
  private @Nullable Consumer<SqliteSafeException> failedCommit;

  /**
   * Of a connection of the SQLite driver. Programs that use this library are given theirs.
   *
   * @param file the database, for messages
   * @param guarded whether statements are refused that would end a transaction
   * @param listener looks on; null = nobody
   */
  public Handle(
      Connection connection, Path file, boolean guarded, @Nullable StatementListener listener) {
    this.connection = connection;
    this.file = file;
    this.guarded = guarded;
    this.listener = listener;
  }

  /**
   * Prepares one statement, to be run once or many times. The driver would run the first of several
   * and drop the others without a word, so several are refused.
   */
  public PreparedSql prepare(String sql) {
    SqlSplitter splitter = new SqlSplitter(new StringReader(sql), Integer.MAX_VALUE);
    SqlStatement only = splitter.next();
    if (only == null || splitter.next() != null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          (only == null ? "no SQL statement in: " : "more than one SQL statement in: ") + sql,
          "give exactly one");
    }
    if (guarded) {
      StatementPolicy.requireAllowedInTransaction(only);
    }
    return new PreparedSql(connection, file, only.sql(), "", listener);
  }

  /** Prepares a statement of a script; its place appears in messages. */
  public PreparedSql prepare(SqlStatement statement) {
    return new PreparedSql(
        connection,
        file,
        statement.sql(),
        "statement " + statement.number() + " (line " + statement.line() + "): ",
        listener);
  }

  /** Runs one statement and returns the number of rows it changed. */
  public long update(String sql, @Nullable Object... values) {
    try (PreparedSql prepared = prepare(sql)) {
      return prepared.run(Arrays.asList(values), RowSink.NOWHERE).changes();
    }
  }

  /**
   * Does what a statement that is {@link DumpScript.Part#VIRTUAL_TABLE} is for: adds the table to
   * the schema, without its shadow tables.
   */
  public void addVirtualTable(SqlStatement statement) {
    DumpScript.VirtualTable table = DumpScript.VirtualTable.of(statement);
    if (integer("SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE", table.name())
        > 0) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          file + ": there is a " + table.name() + " already",
          "load the dump into a new database");
    }
    try {
      execute("PRAGMA writable_schema=ON");
      try {
        update(
            "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('table',?1,?1,0,?2)",
            table.name(),
            table.sql());
      } finally {
        execute("PRAGMA writable_schema=RESET"); // reads the schema anew
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, file, "");
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Makes SQLite's own table of AUTOINCREMENT where there is none. */
  public void addSequenceTable() {
    if (integer("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") == 0) {
      update("CREATE TABLE safe_sequence_of_dump(x INTEGER PRIMARY KEY AUTOINCREMENT)");
      update("DROP TABLE safe_sequence_of_dump");
    }
  }

  /** Streams the rows of one statement. */
  public void query(String sql, RowSink sink, @Nullable Object... values) {
    try (PreparedSql prepared = prepare(sql)) {
      prepared.run(Arrays.asList(values), sink);
    }
  }

  /** All rows of one statement, each a map in column order; meant for few of them. */
  public List<Map<String, @Nullable Object>> rows(String sql, @Nullable Object... values) {
    Collector collector = new Collector();
    query(sql, collector, values);
    return collector.rows;
  }

  /**
   * What {@code PRAGMA integrity_check} or {@code quick_check} complains of; nothing where all is
   * well (sqlite.org/pragma.html#pragma_integrity_check).
   */
  public List<String> problems(String pragma) {
    List<String> problems = new ArrayList<>();
    for (Map<String, @Nullable Object> row : rows(pragma)) {
      String line = String.valueOf(row.values().iterator().next());
      if (!line.equals("ok")) {
        problems.add(line);
      }
    }
    return problems;
  }

  /**
   * The one value of a statement that returns one row with one column.
   *
   * @throws SqliteSafeException {@link ErrorKind#FAILED} where it returns anything else
   */
  public @Nullable Object value(String sql, @Nullable Object... values) {
    List<Map<String, @Nullable Object>> rows = rows(sql, values);
    if (rows.size() != 1 || rows.get(0).size() != 1) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "expected one row with one column from: " + sql,
          "it returned " + rows.size() + " rows");
    }
    return rows.get(0).values().iterator().next();
  }

  /** As {@link #value}, for an integer. */
  public long integer(String sql, @Nullable Object... values) {
    if (value(sql, values) instanceof Number number) {
      return number.longValue();
    }
    throw new SqliteSafeException(ErrorKind.FAILED, "expected a number from: " + sql, null);
  }

  /**
   * The JDBC connection, for what this class lacks. BEGIN, COMMIT and autocommit must be left
   * alone.
   */
  public Connection connection() {
    if (listener != null) {
      listener.bypassed();
    }
    return connection;
  }

  /**
   * The JDBC connection for a caller that shows each statement which may write to {@link #announce}
   * before it runs it, and that changes the definition of no table.
   */
  public Connection announcedConnection() {
    return connection;
  }

  /**
   * A statement is about to be run on the {@link #announcedConnection}.
   *
   * @throws SqliteSafeException where whoever looks on cannot go on
   */
  public void announce(String sql) {
    if (listener != null) {
      try {
        listener.prepared(sql);
      } catch (SQLException e) {
        throw SqlErrors.translate(e, file, "");
      }
    }
  }

  /**
   * Sets what happens if the commit after this unit of work fails, for example because foreign keys
   * do not hold. {@code handler} is given the error while the transaction is still open: it throws
   * what to report instead, or mends the cause and returns, and the commit is tried once more.
   */
  public void onFailedCommit(Consumer<SqliteSafeException> handler) {
    failedCommit = handler;
  }

  /** True where the commit is to be tried again. */
  public boolean mendFailedCommit(SqliteSafeException failure) {
    if (failedCommit == null) {
      return false;
    }
    failedCommit.accept(failure);
    return true;
  }

  private static final class Collector implements RowSink, RowSink.Rows.OfValues {
    private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    private List<String> names = List.of();

    @Override
    public Rows columns(List<String> columns) {
      names = columns;
      return this;
    }

    @Override
    public void row(@Nullable Object[] values) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (int i = 0; i < values.length; i++) {
        row.put(names.get(i), values[i]);
      }
      rows.add(row);
    }
  }
}
