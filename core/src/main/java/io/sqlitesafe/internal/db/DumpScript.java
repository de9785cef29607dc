package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.SqlStatement;
import io.sqlitesafe.sql.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows a script and knows the statements of a dump of the sqlite3 shell, 3.40 or newer, that are
 * refused anywhere else: what brackets it (foreign keys off, BEGIN, COMMIT), and what it does to
 * the schema table. Those are not run as they are; what a dump means by them is done in their
 * place, and nothing else that they could do. For one script and one thread.
 */
public final class DumpScript {
  /** What a statement is. */
  public enum Part {
    /** None of the below: to be run, or refused, like any other. */
    PLAIN,
    /** The beginning: {@code PRAGMA foreign_keys=OFF}. */
    FOREIGN_KEYS_OFF,
    BEGIN,
    COMMIT,
    /** Allows or ends writing to the schema; nothing is to be done. */
    WRITABLE_SCHEMA,
    /** For {@link Handle#addVirtualTable}. */
    VIRTUAL_TABLE,
    /** Makes the table of AUTOINCREMENT: {@link Handle#addSequenceTable}. */
    SEQUENCE_TABLE,
    /** Empties it, and needs it: to be run after {@link Handle#addSequenceTable}. */
    SEQUENCE_RESET
  }

  private enum State {
    OUTSIDE,
    BEGINNING,
    INSIDE
  }

  private static final Set<String> OFF = Set.of("OFF", "0", "NO", "FALSE");
  private static final Set<String> SWITCHES = Set.of("ON", "OFF", "1", "0", "RESET");
  private static final String SCHEMA_ROW =
      "( TYPE , NAME , TBL_NAME , ROOTPAGE , SQL ) VALUES ( 'TABLE' ,";
  private static final int ENOUGH = 24;

  private State state = State.OUTSIDE;
  private boolean writable;

  /** The next statement of the script. */
  public Part next(SqlStatement statement) {
    List<String> words = words(statement);
    switch (state) {
      case OUTSIDE, BEGINNING:
        boolean begin = is(words, "BEGIN") || is(words, "BEGIN", "TRANSACTION");
        if (state == State.BEGINNING && begin) {
          state = State.INSIDE;
          writable = false;
          return Part.BEGIN;
        }
        boolean off =
            words.size() == 4
                && is(words.subList(0, 3), "PRAGMA", "FOREIGN_KEYS", "=")
                && OFF.contains(words.get(3));
        state = off ? State.BEGINNING : State.OUTSIDE;
        return off ? Part.FOREIGN_KEYS_OFF : Part.PLAIN;
      case INSIDE:
        return inside(words);
    }
    return Part.PLAIN;
  }

  private Part inside(List<String> words) {
    if (is(words, "COMMIT") || is(words, "COMMIT", "TRANSACTION") || is(words, "END")) {
      state = State.OUTSIDE;
      return Part.COMMIT;
    }
    if (words.size() == 4
        && is(words.subList(0, 3), "PRAGMA", "WRITABLE_SCHEMA", "=")
        && SWITCHES.contains(words.get(3))) {
      writable = words.get(3).equals("ON") || words.get(3).equals("1");
      return Part.WRITABLE_SCHEMA;
    }
    if (is(words, "DELETE", "FROM", "SQLITE_SEQUENCE")) {
      return Part.SEQUENCE_RESET;
    }
    String text = String.join(" ", words);
    if (writable && text.equals("CREATE TABLE IF NOT EXISTS SQLITE_SEQUENCE ( NAME , SEQ )")) {
      return Part.SEQUENCE_TABLE;
    }
    boolean row =
        text.startsWith("INSERT INTO SQLITE_SCHEMA " + SCHEMA_ROW)
            || text.startsWith("INSERT INTO SQLITE_MASTER " + SCHEMA_ROW);
    return writable && row ? Part.VIRTUAL_TABLE : Part.PLAIN;
  }

  /** The transaction is over for another reason than the dump's own COMMIT. */
  public void reset() {
    state = State.OUTSIDE;
  }

  /** Whether a dump has begun and not ended. */
  public boolean isOpen() {
    return state == State.INSIDE;
  }

  /** Whether the last statement may be the first of a dump, which only the next one shows. */
  public boolean isBeginning() {
    return state == State.BEGINNING;
  }

  private static boolean is(List<String> words, String... expected) {
    return words.equals(List.of(expected));
  }

  /** Its first tokens in capitals; none of a row of an ordinary table, as most statements are. */
  private static List<String> words(SqlStatement statement) {
    List<String> words = new ArrayList<>();
    List<String> first = statement.tokens(3);
    if (first.size() == 3
        && first.get(0).equalsIgnoreCase("INSERT")
        && !first.get(2).toLowerCase(Locale.ROOT).startsWith("sqlite_")) {
      return words;
    }
    for (String token : statement.tokens(ENOUGH)) {
      words.add(token.toUpperCase(Locale.ROOT));
    }
    return words;
  }

  /**
   * A virtual table as a dump has it.
   *
   * @param sql its CREATE VIRTUAL TABLE
   */
  public record VirtualTable(String name, String sql) {
    /**
     * Reads a statement that is {@link Part#VIRTUAL_TABLE}.
     *
     * @throws SqliteSafeException of kind USAGE where it would add anything else
     */
    public static VirtualTable of(SqlStatement statement) {
      // INSERT INTO t ( 5 names, 4 commas ) VALUES ( 'table' , NAME , NAME , 0 , SQL )
      List<SqlText.Token> tokens = SqlText.meaningful(statement.sql());
      List<SqlText.Token> values = tokens.size() == 26 ? tokens.subList(16, 26) : List.of();
      String name = values.isEmpty() ? null : text(values.get(2));
      String sql = values.isEmpty() ? null : text(values.get(8));
      boolean whole =
          name != null
              && sql != null
              && name.equals(text(values.get(4)))
              && values.get(6).text().equals("0")
              && values.get(9).text().equals(")")
              && creates(sql, name);
      if (name == null || sql == null || !whole) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "statement "
                + statement.number()
                + " (line "
                + statement.line()
                + "): of what a dump puts into the schema table, only virtual tables are taken",
            "this is no plain output of .dump; if it is to be run as it is, use `sqlite-safe"
                + " with-lock DB -- sqlite3 DB`");
      }
      return new VirtualTable(name, sql);
    }

    private static @Nullable String text(SqlText.Token token) {
      return token.kind() == SqlText.Kind.QUOTED && token.text().startsWith("'")
          ? token.name()
          : null;
    }

    /** As SQLite keeps such a statement: without a schema's name, and one statement only. */
    private static boolean creates(String sql, String name) {
      List<SqlText.Token> tokens = SqlText.meaningful(sql);
      return tokens.size() > 5
          && tokens.get(0).keyword().equals("CREATE")
          && tokens.get(1).keyword().equals("VIRTUAL")
          && tokens.get(2).keyword().equals("TABLE")
          && tokens.get(3).name().equals(name)
          && tokens.get(4).keyword().equals("USING")
          && !name.toLowerCase(Locale.ROOT).startsWith("sqlite_")
          && sql.indexOf('\0') < 0
          && tokens.stream().noneMatch(token -> token.kind() == SqlText.Kind.SEMICOLON);
    }
  }
}
