package io.sqlitesafe.sql;

import java.io.Reader;
import org.jspecify.annotations.Nullable;

/**
 * Splits a script into statements exactly where SQLite itself would: at a semicolon outside of
 * strings, quoted names and comments, and for {@code CREATE TRIGGER} at the one after its {@code
 * END}. Empty statements are skipped, the last one needs no semicolon. Reads no further than the
 * statement it returns needs (plus a read buffer), so that memory is bounded by one statement.
 *
 * <p>Being exact is a matter of safety: JDBC runs the first statement of a text and silently drops
 * what follows, so a splitter that ends too late would lose statements.
 *
 * <p>For one thread. The reader stays the caller's to close. After an exception the rest of the
 * script must not be run: where the next statement starts is then unknown.
 */
public final class SqlSplitter {
  /** What the words so far say about where the statement ends. */
  private enum State {
    /** Nothing read yet. */
    START,
    /** Ends at the next semicolon, whatever comes. */
    PLAIN,
    /** After EXPLAIN, perhaps QUERY PLAN: a CREATE may still come. */
    EXPLAIN,
    /** After CREATE [TEMP]: a TRIGGER may still come. */
    CREATE,
    /** In a trigger: semicolons end the statements of its body. */
    TRIGGER,
    /** In a trigger, after a semicolon: an END here is the trigger's, no CASE can be open. */
    TRIGGER_SEMICOLON,
    /** In a trigger, after that END: a semicolon now ends it all. */
    TRIGGER_END,
    DONE
  }

  private final SqlLexer lexer;
  private boolean ended;

  /**
   * A splitter over the given text; a byte order mark at its start is skipped.
   *
   * @param maxChars the longest statement that is accepted, comments inside it included
   */
  public SqlSplitter(Reader in, int maxChars) {
    this.lexer = new SqlLexer(in, maxChars);
  }

  /**
   * The next statement, or null at the end of the script. A string that is still open there makes
   * the rest the last statement, for SQLite to complain about.
   *
   * @throws io.sqlitesafe.error.SqliteSafeException of kind USAGE for a statement over the limit,
   *     for a NUL character and for malformed text; FAILED if reading fails
   */
  public @Nullable SqlStatement next() {
    if (!lexer.beginStatement()) {
      return null;
    }
    State state = State.START;
    // Comments before the semicolon stay: SQLite stores them with the text of a view.
    int end = 0;
    while (true) {
      SqlLexer.Kind kind = lexer.next();
      state = after(state, kind);
      if (state == State.DONE || kind == SqlLexer.Kind.END_OF_TEXT) {
        ended = state == State.DONE;
        return new SqlStatement(
            lexer.text().substring(0, end), lexer.statement(), lexer.statementLine());
      }
      if (kind != SqlLexer.Kind.SPACE) {
        end = lexer.text().length();
      }
    }
  }

  /** Whether the last statement had its semicolon, and not just the end of the script. */
  public boolean endedBySemicolon() {
    return ended;
  }

  /** The same automaton as sqlite3_complete(), so that both agree on what a whole statement is. */
  private State after(State state, SqlLexer.Kind kind) {
    if (kind == SqlLexer.Kind.SPACE || kind == SqlLexer.Kind.COMMENT) {
      return state;
    }
    if (kind == SqlLexer.Kind.SEMICOLON) {
      boolean insideTrigger = state == State.TRIGGER || state == State.TRIGGER_SEMICOLON;
      return insideTrigger ? State.TRIGGER_SEMICOLON : State.DONE;
    }
    String word = kind == SqlLexer.Kind.WORD ? upper(lexer.token()) : "";
    return switch (state) {
      case START ->
          switch (word) {
            case "EXPLAIN" -> State.EXPLAIN;
            case "CREATE" -> State.CREATE;
            default -> State.PLAIN;
          };
      case EXPLAIN ->
          switch (word) {
            case "CREATE" -> State.CREATE;
            case "EXPLAIN", "TEMP", "TEMPORARY", "TRIGGER", "END" -> State.PLAIN;
            default -> State.EXPLAIN;
          };
      case CREATE ->
          switch (word) {
            case "TEMP", "TEMPORARY" -> State.CREATE;
            case "TRIGGER" -> State.TRIGGER;
            default -> State.PLAIN;
          };
      case TRIGGER, TRIGGER_END -> State.TRIGGER;
      case TRIGGER_SEMICOLON -> word.equals("END") ? State.TRIGGER_END : State.TRIGGER;
      case PLAIN, DONE -> State.PLAIN;
    };
  }

  /** The keyword that a word may be; long words are none. */
  private static String upper(String token) {
    return token.length() > "TEMPORARY".length()
        ? ""
        : new SqlLexer.Token(SqlLexer.Kind.WORD, token).keyword();
  }
}
