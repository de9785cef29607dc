package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Values, records, headers and changes as bytes (sqlite.org/session.html, "Changeset Format"). */
public final class Encoding {
  private static final String VALUE = "a value";

  private Encoding() {}

  // ---- writing into arrays of the right length -----------------------------------------------

  static long length(Value value) {
    return switch (value.kind()) {
      case UNDEFINED, NULL -> 1;
      case INTEGER, REAL -> 9;
      case TEXT, BLOB -> 1L + varintLength(value.bytes().length) + value.bytes().length;
    };
  }

  static int varintLength(int value) {
    int length = 1;
    for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
      length++;
    }
    return length;
  }

  static int putVarint(byte[] to, int at, int value) {
    int length = varintLength(value);
    for (int i = length - 1, rest = value; i >= 0; i--, rest >>>= 7) {
      to[at + i] = (byte) ((rest & 0x7f) | (i == length - 1 ? 0 : 0x80));
    }
    return at + length;
  }

  /** The value without its bytes, which follow those put here. */
  public static int putHead(byte[] to, int start, Value value) {
    int at = start;
    to[at++] = (byte) value.kind().ordinal();
    switch (value.kind()) {
      case INTEGER, REAL -> {
        long bits = value.bits();
        for (int shift = 56; shift >= 0; shift -= 8) {
          to[at++] = (byte) (bits >>> shift);
        }
      }
      case TEXT, BLOB -> at = putVarint(to, at, value.bytes().length);
      case UNDEFINED, NULL -> {}
    }
    return at;
  }

  static int put(byte[] to, int start, Value value) {
    int at = putHead(to, start, value);
    byte[] bytes = value.bytes();
    System.arraycopy(bytes, 0, to, at, bytes.length);
    return at + bytes.length;
  }

  public static byte[] header(Format format, TableHeader table) {
    byte[] name = table.name().getBytes(StandardCharsets.UTF_8);
    byte[] keys = table.keyPositionsUncopied();
    byte[] header = new byte[2 + varintLength(keys.length) + keys.length + name.length];
    header[0] = (byte) format.mark();
    int at = putVarint(header, 1, keys.length);
    System.arraycopy(keys, 0, header, at, keys.length);
    System.arraycopy(name, 0, header, at + keys.length, name.length);
    return header; // the last byte is the NUL
  }

  /**
   * The values of the key, in the order of the columns: what changes are ordered and matched by.
   */
  public static byte[] key(TableHeader table, Change change) {
    long length = 0;
    for (int column : table.keyColumnsUncopied()) {
      length += length(change.key(column));
    }
    byte[] key = Malformed.allocate(length);
    int at = 0;
    for (int column : table.keyColumnsUncopied()) {
      at = put(key, at, change.key(column));
    }
    return key;
  }

  // ---- reading -------------------------------------------------------------------------------

  public static Value value(ByteSource in) {
    long start = in.offset();
    int type = in.require(VALUE);
    return switch (type) {
      case 0 -> Value.UNDEFINED;
      case 1 -> Value.integer(in.int64(VALUE));
      case 2 -> Value.real(Double.longBitsToDouble(in.int64(VALUE)));
      case 3 -> Value.text(in.bytes(valueLength(in), "a text"));
      case 4 -> Value.blob(in.bytes(valueLength(in), "a blob"));
      case 5 -> Value.NULL;
      default -> throw Malformed.at(in.name(), start, "a value has the unknown type " + type);
    };
  }

  private static int valueLength(ByteSource in) {
    return in.varint(Integer.MAX_VALUE - 8, "the length of a value");
  }

  public static Value[] undefined(int columns) {
    Value[] values = new Value[columns];
    Arrays.fill(values, Value.UNDEFINED);
    return values;
  }
}
