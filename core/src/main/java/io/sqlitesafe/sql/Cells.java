package io.sqlitesafe.sql;

import io.sqlitesafe.internal.db.NumberText;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.DB;
import org.sqlite.core.SafeStmtPtr;

/**
 * The row a statement is at, each value as the text that SQLite itself makes of it, in bytes:
 * nothing is decoded, so nothing is lost, and numbers look as in SQLite's own {@code CAST(… AS
 * TEXT)}. Valid only during the call that it is given to. A value's bytes are a part of an array
 * which other values may share: see {@link #array}.
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
  private final byte[] @Nullable [] arrays;
  private final int[] from;
  private final int[] to;
  private final byte[] numbers;
  private final Charset charset;
  private final boolean typed;
  private final SafeStmtPtr.SafePtrIntFunction<SQLException> filling = this::fill;

  /**
   * Of a statement's rows.
   *
   * @param charset how the database has its text
   * @param typed whether storage classes will be asked for
   */
  Cells(int columns, Charset charset, boolean typed) {
    this.types = new Type[columns];
    Arrays.fill(types, Type.NULL);
    this.arrays = new byte[columns] @Nullable [];
    this.from = new int[columns];
    this.to = new int[columns];
    this.numbers = new byte[columns * NumberText.LONGEST];
    this.charset = charset;
    this.typed = typed || charset != StandardCharsets.UTF_8;
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
    statement.safeRunInt(filling);
  }

  private int fill(DB driver, long statement) throws SQLException {
    for (int i = 0; i < types.length; i++) {
      // A column holds mostly one kind of value; bytes say all that there is to say of text.
      boolean ask = typed || types[i] != Type.TEXT;
      Type type = ask ? TYPES[driver.column_type(statement, i) - 1] : Type.TEXT;
      types[i] = type;
      if (type == Type.INTEGER) {
        number(i, NumberText.add(driver.column_long(statement, i), numbers, start(i)));
      } else if (type != Type.REAL || !real(i, driver.column_double(statement, i))) {
        bytes(driver, statement, i);
      }
    }
    return 0;
  }

  private int start(int column) {
    return column * NumberText.LONGEST;
  }

  private boolean real(int column, double value) {
    int end = NumberText.add(value, numbers, start(column));
    if (end > 0) {
      number(column, end);
    }
    return end > 0;
  }

  private void number(int column, int end) {
    arrays[column] = numbers;
    from[column] = start(column);
    to[column] = end;
  }

  // The bytes of text are those of the database's encoding, and those of a number UTF-8.
  private void bytes(DB driver, long statement, int column) throws SQLException {
    byte[] bytes = driver.column_blob(statement, column);
    if (bytes == null) {
      types[column] = Type.NULL;
      arrays[column] = null;
      return;
    }
    if (!typed && isInfinite(bytes) && Double.isInfinite(driver.column_double(statement, column))) {
      types[column] = Type.REAL; // the text that looks like it is no number
    } else if (types[column] == Type.TEXT && charset != StandardCharsets.UTF_8) {
      bytes = new String(bytes, charset).getBytes(StandardCharsets.UTF_8);
    }
    arrays[column] = bytes;
    from[column] = 0;
    to[column] = bytes.length;
  }

  /** Whether it is what SQLite writes for an infinity: Inf, or -Inf. */
  private static boolean isInfinite(byte[] bytes) {
    int length = bytes.length;
    return (length == 3 || (length == 4 && bytes[0] == '-'))
        && bytes[length - 3] == 'I'
        && bytes[length - 2] == 'n'
        && bytes[length - 1] == 'f';
  }

  /** How many there are. */
  public int count() {
    return types.length;
  }

  /**
   * The storage class of a value; columns are counted from 0. If types are not asked for, TEXT may
   * stand for any that is not NULL.
   */
  public Type type(int column) {
    return types[column];
  }

  /** Positive infinity, or negative, which SQLite writes as no SQL reads it; 0 for all else. */
  public int infinity(int column) {
    byte[] array = arrays[column];
    return array == null || types[column] != Type.REAL || array == numbers || !isInfinite(array)
        ? 0
        : array.length == 3 ? 1 : -1;
  }

  /**
   * Where the bytes of a BLOB are, or the UTF-8 of anything else: from {@link #from} up to {@link
   * #to}; null for NULL.
   */
  public byte @Nullable [] array(int column) {
    return arrays[column];
  }

  public int from(int column) {
    return from[column];
  }

  public int to(int column) {
    return to[column];
  }

  /** The same, the receiver's to keep. */
  public byte @Nullable [] bytes(int column) {
    byte[] array = arrays[column];
    return array == null ? null : Arrays.copyOfRange(array, from[column], to[column]);
  }

  /** A text that is none in the database's encoding; null for any other value. */
  public @Nullable MalformedText malformed(int column) {
    byte[] value = arrays[column];
    return types[column] == Type.TEXT && value != null ? MalformedText.of(value, charset) : null;
  }
}
