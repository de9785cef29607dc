package io.sqlitesafe.db;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.DB;
import org.sqlite.core.SafeStmtPtr;

/**
 * The row a statement is at, each value as the text that SQLite itself makes of it, in bytes:
 * nothing is decoded, so nothing is lost, and numbers look as in SQLite's own {@code CAST(… AS
 * TEXT)}. Valid only during the call that it is given to; the arrays are the receiver's to keep.
 */
public final class Cells {
  /** SQLite's storage classes, in the order of its codes (sqlite.org/c3ref/c_blob.html). */
  public enum Type {
    INTEGER,
    REAL,
    TEXT,
    BLOB,
    NULL
  }

  private static final Type[] TYPES = Type.values();

  private final Type[] types;
  private final byte[] @Nullable [] bytes;
  private final Charset charset;

  /**
   * Of a statement's rows.
   *
   * @param charset how the database has its text
   */
  Cells(int columns, Charset charset) {
    this.types = new Type[columns];
    this.bytes = new byte[columns] @Nullable [];
    this.charset = charset;
  }

  /** How a database has its text: its {@code PRAGMA encoding}. */
  static Charset charset(String encoding) {
    return switch (encoding) {
      case "UTF-16le" -> StandardCharsets.UTF_16LE;
      case "UTF-16be" -> StandardCharsets.UTF_16BE;
      default -> StandardCharsets.UTF_8;
    };
  }

  /** Takes over the row that {@code statement} is at. */
  void fill(SafeStmtPtr statement) throws SQLException {
    statement.safeRunInt(this::fill);
  }

  // The bytes of text are those of the database's encoding, and those of a number UTF-8.
  private int fill(DB driver, long statement) throws SQLException {
    for (int i = 0; i < types.length; i++) {
      types[i] = TYPES[driver.column_type(statement, i) - 1];
      bytes[i] = driver.column_blob(statement, i);
    }
    return 0;
  }

  /** How many there are. */
  public int count() {
    return types.length;
  }

  /** The storage class of a value; columns are counted from 0. */
  public Type type(int column) {
    return types[column];
  }

  /** The bytes of a BLOB, and the UTF-8 of anything else; null for NULL. */
  public byte @Nullable [] bytes(int column) {
    byte[] value = bytes[column];
    boolean other = types[column] == Type.TEXT && charset != StandardCharsets.UTF_8;
    return other && value != null
        ? new String(value, charset).getBytes(StandardCharsets.UTF_8)
        : value;
  }

  /** A text that is none in the database's encoding; null for any other value. */
  public @Nullable MalformedText malformed(int column) {
    byte[] value = bytes[column];
    return types[column] == Type.TEXT && value != null ? MalformedText.of(value, charset) : null;
  }
}
