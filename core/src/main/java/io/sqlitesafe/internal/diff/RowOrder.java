package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.diff.KeyIndex.KeyColumn;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The order in which SQLite delivers rows by {@link KeyIndex#orderBy}
 * (sqlite.org/datatype3.html#sort_order): NULL, numbers, text, blobs. Text is compared by its bytes
 * in the encoding of the database.
 */
final class RowOrder implements Comparator<Value[]> {
  private final KeyIndex key;
  private final Charset encoding;

  /**
   * @param encoding as PRAGMA encoding tells it: UTF-8, UTF-16le or UTF-16be
   */
  RowOrder(KeyIndex key, String encoding) {
    this.key = key;
    this.encoding =
        switch (encoding) {
          case "UTF-16le" -> StandardCharsets.UTF_16LE;
          case "UTF-16be" -> StandardCharsets.UTF_16BE;
          default -> StandardCharsets.UTF_8;
        };
  }

  @Override
  public int compare(Value[] a, Value[] b) {
    for (KeyColumn column : key.columns()) {
      int order = compare(a[column.place()], b[column.place()]);
      if (order != 0) {
        return column.down() ? -order : order;
      }
    }
    return 0;
  }

  private int compare(Value a, Value b) {
    int order = Integer.compare(rank(a), rank(b));
    if (order != 0) {
      return order;
    }
    return switch (a.kind()) {
      case INTEGER, REAL -> compareNumbers(a, b);
      case TEXT -> Arrays.compareUnsigned(stored(a), stored(b));
      default -> Arrays.compareUnsigned(a.bytes(), b.bytes());
    };
  }

  private byte[] stored(Value text) {
    return encoding.equals(StandardCharsets.UTF_8)
        ? text.bytes()
        : new String(text.bytes(), StandardCharsets.UTF_8).getBytes(encoding);
  }

  private static int rank(Value value) {
    return switch (value.kind()) {
      case UNDEFINED, NULL -> 0;
      case INTEGER, REAL -> 1;
      case TEXT -> 2;
      case BLOB -> 3;
    };
  }

  private static int compareNumbers(Value a, Value b) {
    boolean wholeA = a.kind() == Value.Kind.INTEGER;
    boolean wholeB = b.kind() == Value.Kind.INTEGER;
    if (wholeA && wholeB) {
      return Long.compare(a.integer(), b.integer());
    }
    if (wholeA) {
      return compare(a.integer(), b.real());
    }
    if (wholeB) {
      return -compare(b.integer(), a.real());
    }
    return a.real() == b.real() ? 0 : Double.compare(a.real(), b.real());
  }

  /** Exact, unlike a comparison after conversion: a double has 53 bits. */
  private static int compare(long whole, double real) {
    if (real < -0x1p63) {
      return 1;
    }
    if (real >= 0x1p63) {
      return -1;
    }
    long truncated = (long) real;
    return whole != truncated
        ? Long.compare(whole, truncated)
        : Double.compare(0, real - truncated == 0 ? 0 : real - truncated);
  }
}
