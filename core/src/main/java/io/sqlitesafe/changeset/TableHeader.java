package io.sqlitesafe.changeset;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a changeset says of a table: its name, and for each column its place in the primary key.
 * Immutable. Generated and hidden columns are left out, so columns are counted without them.
 */
public final class TableHeader implements Comparable<TableHeader> {
  private final String name;
  private final byte[] keyPositions;
  private final int[] keyColumns;

  /**
   * A header.
   *
   * @param keyPositions a byte for each column: 0 = not in the key, else its 1-based position
   *     <em>within the primary key</em>. The documentation has a plain 1 there, but SQLite writes
   *     positions, and silently skips a table when applying where they differ.
   */
  public TableHeader(String name, byte... keyPositions) {
    this.name = name;
    this.keyPositions = keyPositions.clone();
    int keys = 0;
    for (byte position : keyPositions) {
      keys += position == 0 ? 0 : 1;
    }
    this.keyColumns = new int[keys];
    for (int i = 0, k = 0; i < keyPositions.length; i++) {
      if (keyPositions[i] != 0) {
        keyColumns[k++] = i;
      }
    }
  }

  public String name() {
    return name;
  }

  /** How many columns a record of this table has. */
  public int columns() {
    return keyPositions.length;
  }

  /** 0, or the 1-based position of this column within the primary key. */
  public int keyPosition(int column) {
    return keyPositions[column] & 0xff;
  }

  public boolean isKey(int column) {
    return keyPositions[column] != 0;
  }

  /** The indexes of the key's columns, in the order of the columns (not of the key). */
  public int[] keyColumns() {
    return keyColumns.clone();
  }

  public int[] keyColumnsUncopied() {
    return keyColumns;
  }

  public byte[] keyPositionsUncopied() {
    return keyPositions;
  }

  /** SQLite's table names differ in more than ASCII case, or are the same. */
  public boolean hasNameOf(TableHeader other) {
    return lowerCase(name).equals(lowerCase(other.name));
  }

  public static String lowerCase(String name) {
    StringBuilder lower = null;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        if (lower == null) {
          lower = new StringBuilder(name);
        }
        lower.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return lower == null ? name : lower.toString();
  }

  /** The same columns and the same key. */
  public boolean hasShapeOf(TableHeader other) {
    return Arrays.equals(keyPositions, other.keyPositions);
  }

  /** By the name's bytes; the shape only tells headers of one name apart. */
  @Override
  public int compareTo(TableHeader other) {
    int order =
        Arrays.compareUnsigned(
            name.getBytes(StandardCharsets.UTF_8), other.name.getBytes(StandardCharsets.UTF_8));
    return order != 0 ? order : Arrays.compareUnsigned(keyPositions, other.keyPositions);
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof TableHeader other
        && name.equals(other.name)
        && Arrays.equals(keyPositions, other.keyPositions);
  }

  @Override
  public int hashCode() {
    return name.hashCode() * 31 + Arrays.hashCode(keyPositions);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s%s", name, Arrays.toString(keyPositions));
  }
}
