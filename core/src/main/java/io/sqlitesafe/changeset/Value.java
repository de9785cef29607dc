package io.sqlitesafe.changeset;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One value of a change, with SQLite's storage class, or "undefined" for a column that a change
 * says nothing about. Immutable, provided that nobody writes into {@link #bytes}, which are not
 * copied: values may be large.
 *
 * <p>Text is kept as its UTF-8 bytes. SQLite stores whatever bytes it was given, and a String would
 * silently replace those that are no UTF-8, or half a surrogate pair.
 */
public final class Value {
  /**
   * In the order of the format's type bytes (sqlite.org/session.html, "Changeset Format"), so that
   * the ordinal is the byte.
   */
  public enum Kind {
    UNDEFINED,
    INTEGER,
    REAL,
    TEXT,
    BLOB,
    NULL
  }

  /** What a lenient decoder makes of odd bytes; but a text may hold it too. */
  private static final char REPLACEMENT = 0xFFFD;

  private static final byte[] NOTHING = {};

  public static final Value UNDEFINED = new Value(Kind.UNDEFINED, 0, NOTHING);
  public static final Value NULL = new Value(Kind.NULL, 0, NOTHING);

  /** While rebasing: the value that was there has been replaced. */
  static final Value REPLACED = new Value(Kind.UNDEFINED, 1, NOTHING);

  private final Kind kind;
  private final long bits;
  private final byte[] bytes;

  private Value(Kind kind, long bits, byte[] bytes) {
    this.kind = kind;
    this.bits = bits;
    this.bytes = bytes;
  }

  public static Value integer(long value) {
    return new Value(Kind.INTEGER, value, NOTHING);
  }

  /** SQLite has no NaN: it stores NULL. */
  public static Value real(double value) {
    return Double.isNaN(value)
        ? NULL
        : new Value(Kind.REAL, Double.doubleToRawLongBits(value), NOTHING);
  }

  public static Value text(String value) {
    return text(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Text by its bytes, which are kept and must not be changed. */
  public static Value text(byte[] utf8) {
    return new Value(Kind.TEXT, 0, utf8);
  }

  /** The bytes are kept and must not be changed. */
  public static Value blob(byte[] bytes) {
    return new Value(Kind.BLOB, 0, bytes);
  }

  public Kind kind() {
    return kind;
  }

  public boolean isDefined() {
    return kind != Kind.UNDEFINED;
  }

  /** Of an INTEGER. */
  public long integer() {
    return bits;
  }

  /** Of a REAL. */
  public double real() {
    return Double.longBitsToDouble(bits);
  }

  /** The eight bytes of an INTEGER or REAL as the format has them. */
  public long bits() {
    return bits;
  }

  /** Of a TEXT (UTF-8, perhaps not well-formed) or BLOB; empty for others. Not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** The text, or null where the bytes are not well-formed UTF-8. */
  public @Nullable String wellFormedText() {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text; // much quicker than the strict decoder
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * Whether SQLite's session extension would call a column unchanged that went from one to the
   * other: 0.0 and -0.0 are the same, 1 and 1.0 are not.
   */
  public boolean isUnchanged(Value other) {
    return kind == Kind.REAL && other.kind == Kind.REAL ? real() == other.real() : equals(other);
  }

  /** Same storage class and same bits: 0.0 and -0.0 differ here. */
  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof Value other
        && kind == other.kind
        && bits == other.bits
        && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return (kind.ordinal() * 31 + Long.hashCode(bits)) * 31 + Arrays.hashCode(bytes);
  }

  /** For debugging; large values are cut. */
  @Override
  public String toString() {
    return switch (kind) {
      case UNDEFINED -> "-";
      case NULL -> "NULL";
      case INTEGER -> Long.toString(bits);
      case REAL -> Double.toString(real());
      case TEXT ->
          "'" + new String(bytes, 0, Math.min(bytes.length, 200), StandardCharsets.UTF_8) + "'";
      case BLOB -> "blob of " + bytes.length + " bytes";
    };
  }
}
