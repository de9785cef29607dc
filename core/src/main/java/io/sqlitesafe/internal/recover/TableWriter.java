package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.db.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Inserts records into one table of the new database. For one thread. */
final class TableWriter implements AutoCloseable {
  private static final int MOST_STATEMENTS = 64;
  private static final int TOGETHER = 24;
  private static final int MOST_PARAMETERS = 30_000;

  /** Rows that wait are copies: of large ones, few may wait. */
  private static final long MOST_WAITING = 1 << 20;

  private final Connection connection;
  private final String table;
  private final ShapeReader.TableForm form;
  private final Listener listener;
  private final List<Insert> inserts = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private long waitingBytes;
  private RecordBinder.Casts casts = new RecordBinder.Casts(0, new BitSet());
  private @Nullable PreparedStatement between;

  /** Statements for rows whose values are of the same kinds. */
  private static final class Insert {
    private final RecordBinder.Casts casts;
    private final PreparedStatement one;
    private @Nullable PreparedStatement many;

    Insert(RecordBinder.Casts casts, PreparedStatement one) {
      this.casts = casts;
      this.one = one;
    }

    void close() throws SQLException {
      one.close();
      if (many != null) {
        many.close();
      }
    }
  }

  TableWriter(Connection connection, String table, ShapeReader.TableForm form, Listener listener) {
    this.listener = listener;
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

  /** Told what became of a row, perhaps some rows later. */
  interface Listener {
    void done(int page, long rowid, RecordView record, Outcome outcome) throws SQLException;
  }

  private record Waiting(int page, long rowid, RecordView record) {}

  /** Inserts a row, with some of the next ones: a statement for each costs twice the time. */
  void insert(int page, long rowid, RecordView record) throws SQLException {
    long length = record.starts[record.count] - record.starts[0];
    if (!waiting.isEmpty() && (waitingBytes + length > MOST_WAITING || !casts.take(record))) {
      flush();
    }
    if (length > MOST_WAITING) {
      listener.done(page, rowid, record, insertOne(rowid, record));
      return;
    }
    if (waiting.isEmpty()) {
      casts = statement(record).casts;
    }
    waiting.add(new Waiting(page, rowid, record.copy()));
    waitingBytes += length;
    if (waiting.size() == together()) {
      flush();
    }
  }

  private int together() {
    return Math.max(1, Math.min(TOGETHER, MOST_PARAMETERS / (form.shape().fields().size() + 1)));
  }

  /** Inserts what waits. */
  void flush() throws SQLException {
    if (waiting.isEmpty()) {
      return;
    }
    boolean all = waiting.size() == together() && waiting.size() > 1 && insertAll();
    for (Waiting each : waiting) {
      Outcome outcome = all ? Outcome.INSERTED : insertOne(each.rowid, each.record);
      listener.done(each.page, each.rowid, each.record, outcome);
    }
    waiting.clear();
    waitingBytes = 0;
  }

  /** False where one of them is in another's way; then none was inserted. */
  private boolean insertAll() throws SQLException {
    Insert insert = statement(waiting.get(0).record);
    PreparedStatement many = insert.many;
    if (many == null) {
      many = connection.prepareStatement(insertSql(insert.casts, waiting.size()));
      insert.many = many;
    }
    int place = 1;
    for (Waiting each : waiting) {
      place = bind(many, place, each.rowid, each.record);
    }
    try {
      many.executeUpdate();
      return true;
    } catch (SQLException e) {
      requireConstraint(e);
      return false;
    }
  }

  private static void requireConstraint(SQLException e) throws SQLException {
    int primary = SqlErrors.code(e).code & 0xff;
    if (primary != SQLiteErrorCode.SQLITE_CONSTRAINT.code
        && primary != SQLiteErrorCode.SQLITE_MISMATCH.code) {
      throw e;
    }
  }

  private Outcome insertOne(long rowid, RecordView record) throws SQLException {
    Insert insert = statement(record);
    bind(insert.one, 1, rowid, record);
    try {
      insert.one.executeUpdate();
      return Outcome.INSERTED;
    } catch (SQLException e) {
      requireConstraint(e);
      return isThere(rowid, record, insert.casts) ? Outcome.TWICE : Outcome.CONFLICT;
    }
  }

  /** Returns the place after the row's. */
  private int bind(PreparedStatement statement, int first, long rowid, RecordView record)
      throws SQLException {
    int place = first;
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
    return place;
  }

  private boolean isBound(int field) {
    Shape.Field shape = form.shape().fields().get(field);
    return !shape.generated() && !(shape.alias() && form.rowidName() != null);
  }

  private Insert statement(RecordView record) throws SQLException {
    for (int i = 0; i < inserts.size(); i++) { // few
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
      inserts.remove(inserts.size() - 1).close();
    }
    RecordBinder.Casts form = RecordBinder.Casts.of(record);
    Insert made = new Insert(form, connection.prepareStatement(insertSql(form, 1)));
    inserts.add(0, made);
    return made;
  }

  private String insertSql(RecordBinder.Casts casts, int rows) {
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
    sql.append(") VALUES(").append(values).append(')');
    for (int i = 1; i < rows; i++) {
      sql.append(",(").append(values).append(')');
    }
    return sql.toString();
  }

  /** Whether the table has this very row. */
  boolean has(long rowid, RecordView record) throws SQLException {
    flush();
    return isThere(rowid, record, RecordBinder.Casts.of(record));
  }

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
      bind(query, 1, rowid, record);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Whether the table has a row with a rowid in this range, the bounds included. */
  boolean hasBetween(long least, long greatest) throws SQLException {
    flush();
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
    flush();
    for (Insert each : inserts) {
      each.close();
    }
    inserts.clear();
    if (between != null) {
      between.close();
      between = null;
    }
  }
}
