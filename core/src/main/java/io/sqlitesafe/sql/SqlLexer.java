package io.sqlitesafe.sql;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts SQL text into tokens where SQLite's own tokenizer cuts it. That matters most for what can
 * hide a semicolon: strings, quoted names, comments and TCL-style variables such as {@code $a(;)}.
 * Keeps the text of the statement it is in and nothing else. For one thread.
 */
public final class SqlLexer {
  /** What a token is, as far as splitting cares. */
  public enum Kind {
    END_OF_TEXT,
    SPACE,
    COMMENT,
    SEMICOLON,
    WORD,
    QUOTED,
    OTHER
  }

  public record Token(Kind kind, String text) {
    /** The text in upper case if this is a bare word in ASCII, as all keywords are; else empty. */
    String keyword() {
      return kind == Kind.WORD && isAscii() ? text.toUpperCase(Locale.ROOT) : "";
    }

    private boolean isAscii() {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) >= 0x80) {
          return false;
        }
      }
      return true;
    }
  }

  private static final int NONE = -1;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Reader in;
  private final int maxChars;
  private final StringBuilder text = new StringBuilder();
  private final char[] buffer =
      new char[1024]; // most statements are short, and each is cut several times
  private int position;
  private int filled;
  private boolean exhausted;
  private boolean expectsLow;

  private boolean keeping = true;
  private int tokenStart;
  private int line = 1;
  private int statement;
  private int statementLine = 1;

  public SqlLexer(Reader in, int maxChars) {
    this.in = in;
    this.maxChars = maxChars;
  }

  /** Over a statement of the schema, which SQLite reads up to the first NUL. */
  public static SqlLexer ofSchema(String sql) {
    int end = sql.indexOf('\0');
    return new SqlLexer(new StringReader(end < 0 ? sql : sql.substring(0, end)), Integer.MAX_VALUE);
  }

  /** The first tokens of a statement that are neither blanks nor comments, at most so many. */
  static List<Token> prefix(SqlStatement statement, int count) {
    SqlLexer lexer = new SqlLexer(new StringReader(statement.sql()), Integer.MAX_VALUE);
    lexer.statement = statement.number();
    lexer.line = statement.line();
    List<Token> tokens = new ArrayList<>();
    while (tokens.size() < count) {
      Kind kind = lexer.next();
      if (kind == Kind.END_OF_TEXT) {
        break;
      }
      if (kind != Kind.SPACE && kind != Kind.COMMENT) {
        tokens.add(new Token(kind, lexer.token()));
      }
    }
    return tokens;
  }

  /**
   * Forgets the last statement and goes to the next, over blanks, comments and empty statements,
   * none of which are kept: a comment of any size costs no memory here.
   *
   * @return false if there is no further statement
   */
  public boolean beginStatement() {
    text.setLength(0);
    statement++;
    keeping = false;
    while (isBlank(peek(0)) || peek(0) == ';' || atComment()) {
      next();
    }
    keeping = true;
    statementLine = line;
    return peek(0) != NONE;
  }

  /** Reads one token and adds it to the statement's text. */
  public Kind next() {
    tokenStart = text.length();
    int c = peek(0);
    if (c == NONE) {
      return Kind.END_OF_TEXT;
    }
    if (isBlank(c)) {
      take();
      return Kind.SPACE;
    }
    if (atComment()) {
      takeComment();
      return Kind.COMMENT;
    }
    switch (c) {
      case ';' -> {
        take();
        return Kind.SEMICOLON;
      }
      case '\'', '"', '`' -> {
        takeQuoted(c, true);
        return Kind.QUOTED;
      }
      case '[' -> {
        takeQuoted(']', false);
        return Kind.QUOTED;
      }
      case '$', '@', '#', ':' -> {
        takeVariable();
        return Kind.OTHER;
      }
      default -> {
        return takeWordOrOther();
      }
    }
  }

  /** The statement so far. */
  public StringBuilder text() {
    return text;
  }

  /** The last token. */
  public String token() {
    return text.substring(tokenStart);
  }

  int statement() {
    return statement;
  }

  int statementLine() {
    return statementLine;
  }

  private boolean atComment() {
    int c = peek(0);
    return (c == '-' && peek(1) == '-') || (c == '/' && peek(1) == '*');
  }

  private void takeComment() {
    boolean toEndOfLine = take() == '-';
    take();
    if (toEndOfLine) {
      // Like SQLite, which does not end it at a lone carriage return.
      while (peek(0) != NONE && take() != '\n') {}
      return;
    }
    while (peek(0) != NONE && !(peek(0) == '*' && peek(1) == '/')) {
      take();
    }
    take();
    take();
  }

  private void takeQuoted(int closing, boolean doubledIsContent) {
    take();
    while (peek(0) != NONE) {
      if (take() == closing) {
        if (!doubledIsContent || peek(0) != closing) {
          return;
        }
        take();
      }
    }
  }

  /** As in SQLite, {@code $name::more(anything but blanks)} is a single variable. */
  private void takeVariable() {
    take();
    int length = 0;
    while (true) {
      int c = peek(0);
      if (isIdentifier(c)) {
        take();
        length++;
      } else if (c == ':' && peek(1) == ':') {
        take();
        take();
      } else if (c == '(' && length > 0) {
        while (peek(0) > ' ' && take() != ')') {}
        return;
      } else {
        return;
      }
    }
  }

  private Kind takeWordOrOther() {
    boolean word = isIdentifier(peek(0));
    take();
    while (word && isIdentifier(peek(0))) {
      take();
    }
    return word ? Kind.WORD : Kind.OTHER;
  }

  /** SQLite also skips a byte order mark wherever a token may start. */
  private static boolean isBlank(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == BYTE_ORDER_MARK;
  }

  private static boolean isIdentifier(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }

  private int peek(int ahead) {
    while (position + ahead >= filled && fill()) {}
    return position + ahead < filled ? buffer[position + ahead] : NONE;
  }

  private int take() {
    int c = peek(0);
    if (c == NONE) {
      return NONE;
    }
    position++;
    if (c == '\n') {
      line++;
    }
    if (c == 0) {
      throw problem(
          line,
          "a NUL character in the SQL text",
          "SQLite would silently stop reading there; bind such text with --param, or write"
              + " char(0); a file full of them is probably UTF-16: convert it to UTF-8",
          null);
    }
    if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
      requirePair((char) c);
    }
    if (keeping) {
      if (text.length() >= maxChars) {
        throw problem(
            statementLine,
            "the statement is longer than " + maxChars + " characters",
            "give large values with --rows or --param instead of writing them into the SQL; if it"
                + " should have ended earlier, look for an unclosed quote or comment",
            null);
      }
      text.append((char) c);
    }
    return c;
  }

  /** Half a pair is no character; the driver would write a question mark in its place. */
  private void requirePair(char c) {
    boolean low = Character.isLowSurrogate(c);
    boolean paired = low ? expectsLow : Character.isLowSurrogate((char) peek(0));
    expectsLow = !low && paired;
    if (!paired) {
      throw problem(
          line,
          "half a surrogate pair in the SQL text, which is no character",
          "write the whole character, or bytes as x'...'",
          null);
    }
  }

  private boolean fill() {
    if (exhausted) {
      return false;
    }
    System.arraycopy(buffer, position, buffer, 0, filled - position);
    filled -= position;
    position = 0;
    try {
      int count = in.read(buffer, filled, buffer.length - filled);
      exhausted = count < 0;
      filled += Math.max(count, 0);
      return !exhausted;
    } catch (CharacterCodingException e) {
      throw problem(line, "the SQL is not valid text", "convert the script to UTF-8", e);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot read the SQL after line " + line + ": " + e.getMessage(),
          null,
          e);
    }
  }

  private SqliteSafeException problem(
      int atLine, String what, String hint, @Nullable Throwable cause) {
    return new SqliteSafeException(
            ErrorKind.USAGE,
            "statement " + statement + " (line " + atLine + "): " + what,
            hint,
            cause)
        .with("statement", statement)
        .with("line", atLine);
  }
}
