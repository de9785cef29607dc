package io.sqlitesafe.cli.shell;

import java.util.Locale;

/**
 * Long CREATE statements on several lines, each column or constraint on one, as the sqlite3 shell
 * shows them (sqlite.org/cli.html, ".schema"). Other than there, blanks within quotes stay as they
 * are, and a comment never swallows what comes after it.
 */
final class SchemaLayout {
  /** Shorter statements stay on one line. */
  private static final int LONG = 79;

  private static final String BREAK = "\n  ";

  private SchemaLayout() {}

  static String indented(String sql) {
    String head = sql.toUpperCase(Locale.ROOT);
    if (head.startsWith("CREATE VIEW") || head.startsWith("CREATE TRIG")) {
      return sql; // not a list of definitions
    }
    String text = compact(sql.strip());
    return text.length() < LONG ? text : broken(text);
  }

  /** The character that ends what begins at {@code at}: quotes and comments; 0 for neither. */
  private static char opens(String text, int at) {
    return switch (text.charAt(at)) {
      case '\'' -> '\'';
      case '"' -> '"';
      case '`' -> '`';
      case '[' -> ']';
      case '-' -> text.startsWith("--", at) ? '\n' : 0;
      default -> 0;
    };
  }

  /** One blank of each run, none beside parentheses. */
  private static String compact(String sql) {
    StringBuilder text = new StringBuilder();
    char end = 0;
    boolean afterComment = false;
    for (int i = 0; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (end != 0) {
        afterComment = c == end && end == '\n';
        end = c == end ? 0 : end;
        text.append(c);
        continue;
      }
      end = opens(sql, i);
      char last = text.isEmpty() ? '(' : text.charAt(text.length() - 1);
      if (Character.isWhitespace(c) && (Character.isWhitespace(last) || last == '(')) {
        continue;
      }
      if ((c == '(' || c == ')') && Character.isWhitespace(last) && !afterComment) {
        text.setLength(text.length() - 1);
      }
      afterComment = false;
      text.append(c);
    }
    return text.toString();
  }

  private static String broken(String text) {
    StringBuilder lines = new StringBuilder();
    char end = 0;
    int depth = 0;
    boolean several = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (end != 0) {
        end = c == end ? 0 : end;
      } else {
        end = opens(text, i);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ')' && depth == 0 && several) {
          startLine(lines);
        }
      }
      boolean breaks =
          depth == 1 && end == 0 && (c == '(' || c == '\n' || c == ',' && !commentFollows(text, i));
      lines.append(breaks && c == '\n' ? "" : String.valueOf(c));
      if (breaks) {
        several = true;
        lines.append(BREAK);
        while (i + 1 < text.length() && Character.isWhitespace(text.charAt(i + 1))) {
          i++;
        }
      }
    }
    return lines.toString();
  }

  /** Begins a line without indentation, unless a comment has begun one. */
  private static void startLine(StringBuilder lines) {
    if (lines.toString().endsWith(BREAK)) {
      lines.setLength(lines.length() - BREAK.length() + 1);
    } else {
      lines.append('\n');
    }
  }

  /** A comment after a definition belongs to its line, which then ends by itself. */
  private static boolean commentFollows(String text, int comma) {
    int at = comma + 1;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at == text.length() || text.charAt(at) == '\n' || text.startsWith("--", at);
  }
}
