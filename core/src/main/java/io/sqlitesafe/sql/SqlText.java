package io.sqlitesafe.sql;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at SQL text as an editor does: token by token, with places, and finished or not. Cuts where
 * SQLite's own tokenizer cuts. Stateless, so safe for use by any number of threads.
 */
public final class SqlText {
  /** What a token is. */
  public enum Kind {
    SPACE,
    COMMENT,
    SEMICOLON,
    /** A bare word or number: keyword, name, {@code 42}. */
    WORD,
    /** A string, or a name in quotes. */
    QUOTED,
    /** Operators, and parameters such as {@code :name}. */
    OTHER
  }

  /**
   * A token.
   *
   * @param kind what it is
   * @param text all of it
   * @param start its first character's place in the text, counted from 0
   */
  public record Token(Kind kind, String text, int start) {
    /** The place after its last character. */
    public int end() {
      return start + text.length();
    }

    /** The text in upper case if this is a bare word in ASCII, as all keywords are; else empty. */
    public String keyword() {
      return kind == Kind.WORD ? new SqlLexer.Token(SqlLexer.Kind.WORD, text).keyword() : "";
    }

    /** True for a string, a quoted name or a comment that lacks its end. */
    public boolean isOpen() {
      return switch (kind) {
        case COMMENT -> text.startsWith("/*") && (text.length() < 4 || !text.endsWith("*/"));
        case QUOTED -> isOpenQuote();
        default -> false;
      };
    }

    private boolean isOpenQuote() {
      char open = text.charAt(0);
      if (open == '[') {
        return !text.endsWith("]");
      }
      // 'it''' is closed and 'it'' is not: each quote inside is doubled.
      long quotes = text.chars().filter(c -> c == open).count();
      return quotes % 2 == 1;
    }

    /** The name that a word or a quoted name stands for. */
    public String name() {
      if (kind != Kind.QUOTED || text.length() < 2) {
        return text;
      }
      char open = text.charAt(0);
      String inner = text.substring(1, text.length() - (isOpen() ? 0 : 1));
      return open == '[' ? inner : inner.replace("" + open + open, "" + open);
    }
  }

  private SqlText() {}

  /** All tokens, blanks and comments included; their texts together are {@code sql}. */
  public static List<Token> tokens(String sql) {
    SqlLexer lexer = new SqlLexer(new StringReader(sql.replace('\0', ' ')), Integer.MAX_VALUE);
    List<Token> tokens = new ArrayList<>();
    int start = 0;
    for (SqlLexer.Kind kind = lexer.next();
        kind != SqlLexer.Kind.END_OF_TEXT;
        kind = lexer.next()) {
      Token token = new Token(Kind.valueOf(kind.name()), lexer.token(), start);
      tokens.add(token);
      start = token.end();
    }
    return tokens;
  }

  /** The same without blanks and comments. */
  public static List<Token> meaningful(String sql) {
    return tokens(sql).stream()
        .filter(token -> token.kind() != Kind.SPACE && token.kind() != Kind.COMMENT)
        .toList();
  }

  /**
   * True where nothing more has to come before {@code sql} can be run: it ends with a whole
   * statement by the rule of sqlite3_complete(), or holds no statement at all.
   */
  public static boolean isComplete(String sql) {
    List<Token> tokens = tokens(sql);
    if (!tokens.isEmpty() && tokens.get(tokens.size() - 1).isOpen()) {
      return false;
    }
    SqlSplitter splitter = new SqlSplitter(new StringReader(sql.replace('\0', ' ')), 1 << 30);
    while (splitter.next() != null) {
      if (!splitter.endedBySemicolon()) {
        return false;
      }
    }
    return true;
  }
}
