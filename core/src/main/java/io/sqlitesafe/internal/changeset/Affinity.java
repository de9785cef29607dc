package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Value;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a column makes of the values that are stored in it (sqlite.org/datatype3.html, 3.1). */
public enum Affinity {
  INTEGER,
  TEXT,
  BLOB,
  REAL,
  NUMERIC;

  /** Beyond this, not every whole number is a REAL. */
  private static final long EXACT = 1L << 51;

  /**
   * What a declared type gives.
   *
   * @param declared perhaps empty
   * @param strict the table is STRICT, where ANY is no unknown word
   */
  public static Affinity of(String declared, boolean strict) {
    String type = declared.toUpperCase(Locale.ROOT);
    if (strict && type.equals("ANY")) {
      return BLOB;
    }
    if (type.contains("INT")) {
      return INTEGER;
    }
    if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
      return TEXT;
    }
    if (type.isEmpty() || type.contains("BLOB")) {
      return BLOB;
    }
    return type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB") ? REAL : NUMERIC;
  }

  /** Whether text that looks like a number becomes one. */
  public boolean isNumeric() {
    return this == INTEGER || this == REAL || this == NUMERIC;
  }

  /** The value as it is stored; null where that takes more than is worth writing twice. */
  public @Nullable Value apply(Value value) {
    return switch (value.kind()) {
      case INTEGER ->
          switch (this) {
            case INTEGER, NUMERIC, BLOB -> value;
            case REAL -> Math.abs(value.integer()) < EXACT ? Value.real(value.integer()) : null;
            case TEXT -> null;
          };
      case TEXT -> this == TEXT || this == BLOB ? value : null;
      case REAL -> this == REAL || this == BLOB ? value : null;
      case NULL, BLOB, UNDEFINED -> value;
    };
  }
}
