package io.sqlitesafe.internal.db;

import io.sqlitesafe.sql.SqlLexer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a CREATE INDEX statement indexes, as SQL. SQLite tells the names of indexed columns by its
 * pragmas, but not the text of indexed expressions.
 */
public final class IndexTerms {
  private IndexTerms() {}

  /**
   * The terms between the parentheses after the table's name, without ASC and DESC; COLLATE stays,
   * being an operator.
   *
   * @param createIndex the statement as sqlite_schema has it
   */
  public static List<String> of(String createIndex) {
    SqlLexer lexer = SqlLexer.ofSchema(createIndex);
    List<String> terms = new ArrayList<>();
    List<SqlLexer.Token> term = new ArrayList<>();
    int depth = 0;
    while (true) {
      SqlLexer.Kind kind = lexer.next();
      if (kind == SqlLexer.Kind.END_OF_TEXT) {
        return terms;
      }
      String token = kind == SqlLexer.Kind.COMMENT ? " " : lexer.token();
      boolean closing = token.equals(")") && --depth == 0;
      if (closing || (token.equals(",") && depth == 1)) {
        terms.add(text(term));
        term.clear();
        if (closing) {
          return terms;
        }
      } else if (depth > 0) {
        term.add(new SqlLexer.Token(kind, token));
      }
      if (token.equals("(")) {
        depth++;
      }
    }
  }

  private static String text(List<SqlLexer.Token> term) {
    StringBuilder text = new StringBuilder();
    term.forEach(token -> text.append(token.text()));
    String whole = text.toString().strip();
    String upper = whole.toUpperCase(Locale.ROOT);
    for (String direction : List.of("ASC", "DESC")) {
      int cut = whole.length() - direction.length();
      if (cut > 0 && upper.endsWith(direction) && endsAWord(whole.charAt(cut - 1))) {
        return whole.substring(0, cut).strip();
      }
    }
    return whole;
  }

  private static boolean endsAWord(char before) {
    return before <= ' ' || ")\"'`]".indexOf(before) >= 0;
  }
}
