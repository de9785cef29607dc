package io.sqlitesafe.cli.output.text;

import io.sqlitesafe.sql.MalformedText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.NumberOutput;

/** SQLite's values as text, one rule for all formats. */
public final class Values {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private Values() {}

  /** The bare text of a value that is not NULL; a BLOB in hex, as SQLite's hex() and unhex(). */
  public static String text(Object value) {
    if (value instanceof byte[] bytes) {
      return hex(bytes);
    }
    if (value instanceof MalformedText text && text.charset() == StandardCharsets.UTF_8) {
      return Bytes.text(text.bytes());
    }
    return value instanceof Double real ? real(real) : value.toString();
  }

  public static String hex(byte[] bytes) {
    return HEX.formatHex(bytes);
  }

  /**
   * The shortest text that reads back as the same REAL; always with a point or an exponent, so that
   * it does not come back as an integer. Java 17's own Double.toString sometimes gives more digits.
   */
  public static String real(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "9e999" : "-9e999";
    }
    return NumberOutput.toString(value, true);
  }

  /** SQLite stores a NaN as NULL. */
  public static boolean isNull(@Nullable Object value) {
    return value == null || (value instanceof Double real && real.isNaN());
  }

  /** The names with equal ones told apart as id, id:1, id:2, like the sqlite3 shell does. */
  public static List<String> uniqueNames(List<String> names) {
    Set<String> taken = new HashSet<>(names);
    Set<String> seen = new HashSet<>();
    List<String> unique = new ArrayList<>(names.size());
    for (String name : names) {
      String candidate = name;
      for (int i = 1; seen.contains(candidate) || (i > 1 && taken.contains(candidate)); i++) {
        candidate = name + ":" + i;
      }
      seen.add(candidate);
      unique.add(candidate);
    }
    return unique;
  }
}
