package io.sqlitesafe.internal.recover;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A table that takes records of any kind, made with its first one: a few columns that say where a
 * record was found, then its values. For one thread.
 */
final class RawTable implements AutoCloseable {
  /** SQLite's limit, less those that say where. */
  private static final int MOST_COLUMNS = 1990;

  private final Connection connection;
  private final String name;
  private final List<String> fixed;
  private final IntFunction<String> valueName;
  private final List<Statements> statements = new ArrayList<>();
  private int columns;
  private boolean made;
  private long rows;

  private record Statements(RecordBinder.Casts casts, PreparedStatement statement) {}

  /**
   * @param fixed the first columns, with their types
   * @param valueName names the others, counted from 0
   */
  RawTable(Connection connection, String name, List<String> fixed, IntFunction<String> valueName) {
    this.connection = connection;
    this.name = name;
    this.fixed = fixed;
    this.valueName = valueName;
  }

  String name() {
    return name;
  }

  long rows() {
    return rows;
  }

  void add(RecordView record, @Nullable Object... where) throws SQLException {
    record.cut(Math.min(record.count, MOST_COLUMNS));
    widen(record.count);
    PreparedStatement insert = statement(record);
    for (int i = 0; i < where.length; i++) {
      insert.setObject(i + 1, where[i]);
    }
    RecordBinder.bind(insert, fixed.size() + 1, record);
    insert.executeUpdate();
    rows++;
  }

  private void widen(int wanted) throws SQLException {
    if (made && wanted <= columns) {
      return;
    }
    close();
    try (Statement make = connection.createStatement()) {
      if (!made) {
        columns = Math.max(wanted, 1);
        StringBuilder sql = new StringBuilder("CREATE TABLE ");
        sql.append(Names.quoted(name)).append('(').append(String.join(", ", fixed));
        for (int i = 0; i < columns; i++) {
          sql.append(", ").append(Names.quoted(valueName.apply(i)));
        }
        make.execute(sql.append(')').toString());
        made = true;
      }
      for (; columns < wanted; columns++) {
        String column = Names.quoted(valueName.apply(columns));
        make.execute("ALTER TABLE " + Names.quoted(name) + " ADD COLUMN " + column);
      }
    }
  }

  private PreparedStatement statement(RecordView record) throws SQLException {
    for (Statements each : statements) {
      if (each.casts.take(record)) {
        return each.statement;
      }
    }
    if (statements.size() > 64) {
      close();
    }
    RecordBinder.Casts casts = RecordBinder.Casts.of(record);
    StringBuilder sql = new StringBuilder("INSERT INTO ").append(Names.quoted(name)).append('(');
    for (int i = 0; i < fixed.size(); i++) {
      sql.append(i == 0 ? "" : ",").append(fixed.get(i), 0, fixed.get(i).lastIndexOf(' '));
    }
    for (int i = 0; i < record.count; i++) {
      sql.append(',').append(Names.quoted(valueName.apply(i)));
    }
    sql.append(") VALUES(").append("?,".repeat(fixed.size()));
    casts.appendTo(sql, i -> true);
    PreparedStatement made = connection.prepareStatement(sql.append(')').toString());
    statements.add(new Statements(casts, made));
    return made;
  }

  @Override
  public void close() throws SQLException {
    for (Statements each : statements) {
      each.statement.close();
    }
    statements.clear();
  }
}
