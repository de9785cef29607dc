package io.sqlitesafe.sql;

import java.util.List;

/**
 * One statement of a script: its text without the blanks and comments before it, the blanks after
 * it and the final semicolon. Immutable, so safe for use by any number of threads.
 *
 * @param sql the text, never blank when it comes from a {@link SqlSplitter}
 * @param number place in the script, counted from 1
 * @param line line of the script on which the text starts, counted from 1
 */
public record SqlStatement(String sql, int number, int line) {

  /** The first word in upper case; empty where the statement does not start with a bare word. */
  public String keyword() {
    return word(0);
  }

  /**
   * The second word in upper case; empty where the second token (comments do not count) is no bare
   * word.
   */
  public String secondKeyword() {
    return word(1);
  }

  /** The texts of the first tokens, at most so many; blanks and comments do not count. */
  public List<String> tokens(int most) {
    return SqlLexer.prefix(this, most).stream().map(SqlLexer.Token::text).toList();
  }

  /** What a token means as a name: without its quotes, if it has any. */
  public static String name(String token) {
    char first = token.isEmpty() ? ' ' : token.charAt(0);
    if (token.length() < 2 || "'\"`[".indexOf(first) < 0) {
      return token;
    }
    String inside = token.substring(1, token.length() - 1);
    String quote = String.valueOf(first);
    return first == '[' ? inside : inside.replace(quote + quote, quote);
  }

  private String word(int index) {
    List<SqlLexer.Token> tokens = SqlLexer.prefix(this, index + 1);
    return index < tokens.size() ? tokens.get(index).keyword() : "";
  }
}
