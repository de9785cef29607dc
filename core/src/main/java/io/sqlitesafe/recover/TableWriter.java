package io.sqlitesafe.recover;

import io.sqlitesafe.db.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Inserts records into one table of the new database. For one thread. */
final class TableWriter implements AutoCloseable {
  private static final int MOST_STATEMENTS = 64;

  private final Connection connection;
  private final String table;
  private final ShapeReader.TableForm form;
  private final List<Insert> inserts = new ArrayList<>();
  private @Nullable PreparedStatement between;

  private record Insert(RecordBinder.Casts casts, PreparedStatement statement) {}

  TableWriter(Connection connection, String table, ShapeReader.TableForm form) {
    this.connection = connection;
    this.table = table;
    this.form = form;
  }

  /** What became of a row. */
  enum Outcome {
    INSERTED,
    /** The same row is there already. */
    TWICE,
    /** Another row, or a rule of the table, is in its way. */
    CONFLICT
  }

  Outcome insert(long rowid, RecordView record) throws SQLException {
    Insert insert = statement(record);
    PreparedStatement statement = insert.statement;
    bind(statement, rowid, record);
    try {
      statement.executeUpdate();
      return Outcome.INSERTED;
    } catch (SQLException e) {
      int primary = SqlErrors.code(e).code & 0xff;
      if (primary != SQLiteErrorCode.SQLITE_CONSTRAINT.code
          && primary != SQLiteErrorCode.SQLITE_MISMATCH.code) {
        throw e;
      }
      return isThere(rowid, record, insert.casts) ? Outcome.TWICE : Outcome.CONFLICT;
    }
  }

  private void bind(PreparedStatement statement, long rowid, RecordView record)
      throws SQLException {
    int place = 1;
    if (form.rowidName() != null) {
      statement.setLong(place++, rowid);
    }
    List<Shape.Field> fields = form.shape().fields();
    for (int i = 0; i < record.count; i++) {
      Shape.Field field = fields.get(i);
      if (field.generated() || (field.alias() && form.rowidName() != null)) {
        continue;
      }
      if (field.alias()) {
        statement.setLong(place++, rowid);
      } else {
        RecordBinder.bindOne(statement, place++, record, i);
      }
    }
  }

  private boolean isBound(int field) {
    Shape.Field shape = form.shape().fields().get(field);
    return !shape.generated() && !(shape.alias() && form.rowidName() != null);
  }

  private Insert statement(RecordView record) throws SQLException {
    for (int i = 0; i < inserts.size(); i++) {
      Insert each = inserts.get(i);
      if (each.casts.take(record)) {
        if (i > 0) { // the next row is probably alike
          inserts.set(i, inserts.get(0));
          inserts.set(0, each);
        }
        return each;
      }
    }
    if (inserts.size() >= MOST_STATEMENTS) {
      inserts.remove(inserts.size() - 1).statement.close();
    }
    RecordBinder.Casts casts = RecordBinder.Casts.of(record);
    Insert made = new Insert(casts, connection.prepareStatement(insertSql(casts)));
    inserts.add(0, made);
    return made;
  }

  private String insertSql(RecordBinder.Casts casts) {
    StringBuilder sql = new StringBuilder("INSERT INTO ").append(Names.quoted(table)).append('(');
    StringBuilder values = new StringBuilder();
    String comma = "";
    if (form.rowidName() != null) {
      sql.append(form.rowidName());
      values.append('?');
      comma = ",";
    }
    for (int i = 0; i < casts.count(); i++) {
      if (isBound(i)) {
        sql.append(comma).append(Names.quoted(form.shape().fields().get(i).name()));
        values.append(comma).append(casts.place(i));
        comma = ",";
      }
    }
    if (comma.isEmpty()) {
      return "INSERT INTO " + Names.quoted(table) + " DEFAULT VALUES";
    }
    return sql.append(") VALUES(").append(values).append(')').toString();
  }

  /** Whether the table has this very row. */
  private boolean isThere(long rowid, RecordView record, RecordBinder.Casts casts)
      throws SQLException {
    StringBuilder sql = new StringBuilder("SELECT 1 FROM ").append(Names.quoted(table));
    sql.append(" WHERE ").append(form.rowidName() == null ? "1" : form.rowidName() + " = ?");
    for (int i = 0; i < record.count; i++) {
      if (isBound(i)) {
        String name = Names.quoted(form.shape().fields().get(i).name());
        sql.append(" AND ").append(name).append(" IS ").append(casts.place(i));
      }
    }
    try (PreparedStatement query = connection.prepareStatement(sql.toString())) {
      bind(query, rowid, record);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Whether the table has a row with a rowid in this range, the bounds included. */
  boolean hasBetween(long least, long greatest) throws SQLException {
    if (form.rowidName() == null) {
      return false;
    }
    if (between == null) {
      between =
          connection.prepareStatement(
              "SELECT 1 FROM "
                  + Names.quoted(table)
                  + " WHERE "
                  + form.rowidName()
                  + " BETWEEN ? AND ? LIMIT 1");
    }
    between.setLong(1, least);
    between.setLong(2, greatest);
    try (ResultSet row = between.executeQuery()) {
      return row.next();
    }
  }

  @Override
  public void close() throws SQLException {
    for (Insert each : inserts) {
      each.statement.close();
    }
    inserts.clear();
    if (between != null) {
      between.close();
      between = null;
    }
  }
}
