package io.sqlitesafe.cli.output.text;

import io.sqlitesafe.changeset.Value;

/** Names and values as SQL. */
public final class SqlText {
  private SqlText() {}

  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A literal with the same storage class and the same bytes. */
  public static String literal(Value value) {
    return switch (value.kind()) {
      case UNDEFINED, NULL -> "NULL";
      case INTEGER -> Long.toString(value.integer());
      case REAL -> Values.real(value.real());
      case BLOB -> "x'" + Values.hex(value.bytes()) + "'";
      case TEXT -> {
        String text = value.wellFormedText();
        // SQLite stops reading at a NUL.
        yield text == null || text.indexOf('\0') >= 0
            ? "CAST(x'" + Values.hex(value.bytes()) + "' AS TEXT)"
            : "'" + text.replace("'", "''") + "'";
      }
    };
  }
}
