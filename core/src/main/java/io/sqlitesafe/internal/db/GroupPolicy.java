package io.sqlitesafe.internal.db;

import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.SqlLexer;
import io.sqlitesafe.sql.SqlStatement;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Says which statements may share a transaction with those of others, so that none of them can
 * tell: what it does and returns is the same as on a connection and in a transaction of its own.
 * Says no where it is not sure; then each has its own.
 *
 * <p>Stateless, so safe for use by any number of threads.
 */
public final class GroupPolicy {
  private static final Set<String> STATEMENTS =
      Set.of("DELETE", "INSERT", "REPLACE", "SELECT", "UPDATE", "VALUES", "WITH");

  /** A temporary table that such a connection has. */
  public static final String ROWID_RESET = "last_rowid_reset";

  /** Makes that table where it is missing. */
  public static final String MAKE_ROWID_RESET =
      "CREATE TEMP TABLE IF NOT EXISTS " + ROWID_RESET + "(x INTEGER PRIMARY KEY)";

  /** They tell what was done on the connection, or what it has of its own. */
  private static final Set<String> TELL_TALES =
      Set.of("changes", "last_insert_rowid", "total_changes", "temp", ROWID_RESET);

  /**
   * In the schema: the functions above in a trigger or view; and foreign keys that are checked at
   * the commit, which a later write could mend for one that should have failed.
   */
  private static final String UNFIT =
      "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%deferr%' OR sql LIKE '%changes%'"
          + " OR sql LIKE '%last_insert_rowid%'";

  private GroupPolicy() {}

  /** Whether a script may share a transaction. A statement that SQLite refuses may pass. */
  public static boolean mayGroup(String sql) {
    SqlLexer lexer = new SqlLexer(new StringReader(sql), Integer.MAX_VALUE);
    while (lexer.beginStatement()) {
      List<String> words = words(lexer);
      if (words.isEmpty()
          || !STATEMENTS.contains(words.get(0).toUpperCase(Locale.ROOT))
          || words.stream().anyMatch(GroupPolicy::tells)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a statement leaves nothing on its connection but what {@link Database#resume} sets
   * back. No where it is not sure.
   */
  public static boolean leavesNothing(String sql) {
    SqlLexer lexer = new SqlLexer(new StringReader(sql), Integer.MAX_VALUE);
    while (lexer.beginStatement()) {
      List<String> words = words(lexer);
      if (words.isEmpty()
          || !STATEMENTS.contains(words.get(0).toUpperCase(Locale.ROOT))
          || words.stream().anyMatch(GroupPolicy::isTemporary)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTemporary(String word) {
    return word.equals("temp") || word.equals(ROWID_RESET) || word.startsWith("sqlite_temp_");
  }

  /** The names, keywords and texts of the statement that has begun. */
  private static List<String> words(SqlLexer lexer) {
    List<String> words = new ArrayList<>();
    for (SqlLexer.Kind kind = lexer.next();
        kind != SqlLexer.Kind.END_OF_TEXT && kind != SqlLexer.Kind.SEMICOLON;
        kind = lexer.next()) {
      if (kind == SqlLexer.Kind.WORD || kind == SqlLexer.Kind.QUOTED) {
        words.add(SqlStatement.name(lexer.token()).toLowerCase(Locale.ROOT));
      }
    }
    return words;
  }

  private static boolean tells(String word) {
    return TELL_TALES.contains(word)
        || word.startsWith("sqlite_temp_")
        || word.startsWith("pragma_");
  }

  /** Whether the schema of the database that is open allows it. */
  public static boolean schemaAllows(Handle handle) {
    return handle.integer(UNFIT) == 0;
  }
}
