package io.sqlitesafe.db;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one SQL statement in SQLite's numbering (sqlite.org/lang_expr.html#varparam),
 * which the driver does not expose: each new name takes the next number, the same name the same.
 */
final class ParameterNames {
  private final List<@Nullable String> names = new ArrayList<>();

  private ParameterNames() {}

  /** Element i is the name of parameter i+1 without its prefix; null for a plain {@code ?}. */
  static List<@Nullable String> of(String sql) {
    ParameterNames found = new ParameterNames();
    found.scan(sql);
    return found.names;
  }

  private final List<String> spellings = new ArrayList<>();

  private void scan(String sql) {
    int i = 0;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      switch (c) {
        case '\'', '"', '`' -> i = skipQuoted(sql, i, c);
        case '[' -> i = skipTo(sql, i, "]");
        case '-' -> i = sql.startsWith("--", i) ? skipTo(sql, i, "\n") : i + 1;
        case '/' -> i = sql.startsWith("/*", i) ? skipTo(sql, i + 1, "*/") : i + 1;
        case '?' -> i = numbered(sql, i);
        case ':', '@', '$', '#' -> i = named(sql, i);
        default -> i = isIdentifier(c) ? skipIdentifier(sql, i) : i + 1;
      }
    }
  }

  /** A doubled quote continues the string, which two strings in a row do as well. */
  private static int skipQuoted(String sql, int start, char quote) {
    int end = sql.indexOf(quote, start + 1);
    return end < 0 ? sql.length() : end + 1;
  }

  private static int skipTo(String sql, int start, String end) {
    int found = sql.indexOf(end, start + 1);
    return found < 0 ? sql.length() : found + end.length();
  }

  private static int skipIdentifier(String sql, int start) {
    int i = start;
    while (i < sql.length() && isIdentifier(sql.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean isIdentifier(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }

  private int numbered(String sql, int start) {
    int i = start + 1;
    int number = 0;
    while (i < sql.length() && Character.digit(sql.charAt(i), 10) >= 0 && number < 100_000) {
      number = number * 10 + Character.digit(sql.charAt(i), 10);
      i++;
    }
    int wanted = i == start + 1 ? names.size() + 1 : number;
    while (names.size() < wanted) {
      names.add(null);
      spellings.add("");
    }
    if (i > start + 1) {
      spellings.set(wanted - 1, sql.substring(start, i));
    }
    return i;
  }

  private int named(String sql, int start) {
    int i = skipIdentifier(sql, start + 1);
    if (i == start + 1) {
      return i; // "::" and the like; SQLite will complain where it is wrong
    }
    // ":a" and "@a" are two parameters to SQLite, and both get the value of "a".
    String spelling = sql.substring(start, i);
    if (!spellings.contains(spelling)) {
      spellings.add(spelling);
      names.add(spelling.substring(1));
    }
    return i;
  }
}
