package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Value;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.core.Codes;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;

/**
 * Moves values between a connection and {@link Value}, bit for bit. Not thread-safe.
 *
 * <p>The traps: the driver's strings lose bytes that are no UTF-8, so text travels as a blob; but
 * in a UTF-16 database the blob of a text has UTF-16 bytes, and there strings are right (SQLite
 * converts such a text anyway). And a value may be bound as text only by its string, so that odd
 * bytes have to be bound as a blob to {@link #CAST}.
 */
public final class SqlValues {
  /**
   * In place of the "?" of a value for which {@link #needsCast} is true. The plus takes CAST's TEXT
   * affinity away, which would change what the value is compared with
   * (sqlite.org/datatype3.html#affinity_of_expressions).
   */
  public static final String CAST = "+CAST(? AS TEXT)";

  public static final SqlValues UTF8 = new SqlValues(true);

  private final boolean utf8;

  private SqlValues(boolean utf8) {
    this.utf8 = utf8;
  }

  /** For this connection, whose database's encoding is asked for. */
  public static SqlValues of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet encoding = statement.executeQuery("PRAGMA encoding")) {
      return new SqlValues(encoding.getString(1).equals("UTF-8"));
    }
  }

  /** The first {@code columns} columns of the row on which {@code rows} stands. */
  public Value[] row(ResultSet rows, int columns) throws SQLException {
    CoreStatement statement = (CoreStatement) rows.getStatement();
    return statement.pointer.safeRun(
        (db, pointer) -> {
          Value[] values = new Value[columns];
          for (int i = 0; i < columns; i++) {
            values[i] = read(db, pointer, i);
          }
          return values;
        });
  }

  /** One value; columns are counted from 1, as JDBC does. */
  public Value read(ResultSet rows, int column) throws SQLException {
    CoreStatement statement = (CoreStatement) rows.getStatement();
    return statement.pointer.safeRun((db, pointer) -> read(db, pointer, column - 1));
  }

  private Value read(DB db, long pointer, int column) throws SQLException {
    return switch (db.column_type(pointer, column)) {
      case Codes.SQLITE_INTEGER -> Value.integer(db.column_long(pointer, column));
      case Codes.SQLITE_FLOAT -> Value.real(db.column_double(pointer, column));
      case Codes.SQLITE_TEXT ->
          utf8
              ? Value.text(bytes(db, pointer, column))
              : Value.text(db.column_text(pointer, column));
      case Codes.SQLITE_BLOB -> Value.blob(bytes(db, pointer, column));
      default -> Value.NULL;
    };
  }

  /** SQLite has no pointer to nothing, and the driver makes null of that. */
  private static byte[] bytes(DB db, long pointer, int column) throws SQLException {
    byte[] bytes = db.column_blob(pointer, column);
    return bytes == null ? new byte[0] : bytes;
  }

  /**
   * Whether the SQL should say {@link #CAST} for this value and not "?".
   *
   * @param before what it says now, which a NULL leaves as it is
   */
  public boolean cast(Value value, boolean before) {
    return switch (value.kind()) {
      case TEXT -> utf8 && (value.bytes().length > 0 || before);
      case NULL, UNDEFINED -> before;
      default -> false;
    };
  }

  /** Whether this value has to be bound where the SQL says {@link #CAST} and not "?". */
  public boolean needsCast(Value value) {
    return utf8 && value.kind() == Value.Kind.TEXT && value.wellFormedText() == null;
  }

  /** Binds a value; UNDEFINED as NULL. */
  public void bind(PreparedStatement statement, int index, Value value) throws SQLException {
    bind(statement, index, value, needsCast(value));
  }

  /**
   * As above.
   *
   * @param cast whether the SQL says {@link #CAST} for it: for text much cheaper than a string
   */
  public void bind(PreparedStatement statement, int index, Value value, boolean cast)
      throws SQLException {
    switch (value.kind()) {
      case UNDEFINED, NULL -> statement.setObject(index, null);
      case INTEGER -> statement.setLong(index, value.integer());
      case REAL -> statement.setDouble(index, value.real());
      case BLOB -> statement.setBytes(index, value.bytes());
      case TEXT -> {
        if (cast && value.bytes().length > 0) {
          statement.setBytes(index, value.bytes());
        } else {
          // An empty array would be bound as NULL's pointer; an empty string is safe either way.
          statement.setString(index, new String(value.bytes(), StandardCharsets.UTF_8));
        }
      }
    }
  }
}
