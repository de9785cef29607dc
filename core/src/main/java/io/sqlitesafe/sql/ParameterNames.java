package io.sqlitesafe.sql;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one SQL statement in SQLite's numbering (sqlite.org/lang_expr.html#varparam),
 * which the driver does not expose: each new name takes the next number, the same name the same.
 */
final class ParameterNames {
  private final List<@Nullable String> names = new ArrayList<>();
  private final List<String> spellings = new ArrayList<>();

  private ParameterNames() {}

  /** Element i is the name of parameter i+1 without its prefix; null for a plain {@code ?}. */
  static List<@Nullable String> of(String sql) {
    ParameterNames found = new ParameterNames();
    SqlLexer lexer = new SqlLexer(new StringReader(sql), Integer.MAX_VALUE);
    SqlLexer.Kind kind = lexer.next();
    while (kind != SqlLexer.Kind.END_OF_TEXT) {
      boolean variable = kind == SqlLexer.Kind.OTHER;
      String token = variable ? lexer.token() : "";
      kind = lexer.next();
      if (token.equals("?")) {
        boolean number = kind == SqlLexer.Kind.WORD && Character.isDigit(lexer.token().charAt(0));
        found.numbered(number ? lexer.token() : "");
      } else if (variable && token.length() > 1) {
        found.named(token);
      }
    }
    return found.names;
  }

  /** {@code ?} takes the number after the largest, {@code ?NNN} its own. */
  private void numbered(String digits) {
    int wanted = digits.isEmpty() ? names.size() + 1 : Integer.parseInt(digits);
    while (names.size() < wanted) {
      names.add(null);
      spellings.add("");
    }
  }

  /** ":a" and "@a" are two parameters to SQLite, and both get the value of "a". */
  private void named(String spelling) {
    if (!spellings.contains(spelling)) {
      spellings.add(spelling);
      names.add(spelling.substring(1));
    }
  }
}
