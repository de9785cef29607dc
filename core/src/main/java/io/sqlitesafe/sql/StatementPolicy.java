package io.sqlitesafe.sql;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Says which statements may run inside a transaction that is ours: those that do not end it, can
 * run in one, and leave in force what makes its commit durable and the lock sufficient. For pragmas
 * this is a list of what is allowed, because a new or misspelt one must not slip through.
 *
 * <p>Stateless, so safe for use by any number of threads.
 */
public final class StatementPolicy {
  /** Enough for {@code EXPLAIN QUERY PLAN PRAGMA schema . name =}. */
  private static final int TOKENS = 10;

  private static final Set<String> WORTH_A_LOOK =
      Set.of(
          "ATTACH", "BEGIN", "COMMIT", "DETACH", "END", "EXPLAIN", "PRAGMA", "ROLLBACK", "VACUUM");

  /** Allowed in every form: they report, or change what the transaction or connection owns. */
  private static final Set<String> ALLOWED_PRAGMAS =
      Set.of(
          "analysis_limit",
          "application_id",
          "automatic_index",
          "cache_size",
          "cache_spill",
          "cell_size_check",
          "collation_list",
          "compile_options",
          "data_version",
          "database_list",
          "defer_foreign_keys",
          "foreign_key_check",
          "foreign_key_list",
          "freelist_count",
          "function_list",
          "incremental_vacuum",
          "index_info",
          "index_list",
          "index_xinfo",
          "integrity_check",
          "legacy_alter_table",
          "module_list",
          "optimize",
          "page_count",
          "pragma_list",
          "quick_check",
          "recursive_triggers",
          "reverse_unordered_selects",
          "secure_delete",
          "shrink_memory",
          "table_info",
          "table_list",
          "table_xinfo",
          "threads",
          "user_version");

  /** Allowed to be asked for, not to be set. */
  private static final Set<String> READABLE_PRAGMAS =
      Set.of(
          "auto_vacuum",
          "busy_timeout",
          "checkpoint_fullfsync",
          "encoding",
          "foreign_keys",
          "fullfsync",
          "ignore_check_constraints",
          "journal_mode",
          "journal_size_limit",
          "locking_mode",
          "max_page_count",
          "mmap_size",
          "page_size",
          "query_only",
          "read_uncommitted",
          "schema_version",
          "synchronous",
          "temp_store",
          "trusted_schema",
          "wal_autocheckpoint",
          "writable_schema");

  private static final String WITH_LOCK = "`sqlite-safe with-lock DB -- sqlite3 DB \"%s\"`";
  private static final String AT_CREATION =
      "it is fixed when a file is created: `sqlite-safe write --create DB` (see --page-size); to"
          + " rebuild an existing file: "
          + WITH_LOCK.formatted("PRAGMA …; VACUUM");

  private static final Map<String, String> PRAGMA_HINTS =
      Map.ofEntries(
          Map.entry("auto_vacuum", AT_CREATION),
          Map.entry("busy_timeout", "give --wait instead"),
          Map.entry("encoding", AT_CREATION),
          Map.entry(
              "foreign_keys",
              "SQLite ignores it inside a transaction; PRAGMA defer_foreign_keys=1 puts the check"
                  + " off until the commit"),
          Map.entry("journal_mode", "use `sqlite-safe journal-mode DB MODE`"),
          Map.entry(
              "locking_mode",
              "sqlite-safe takes and releases the locks itself; use `sqlite-safe with-lock` to hold"
                  + " the database longer"),
          Map.entry("page_size", AT_CREATION),
          Map.entry(
              "schema_version", "a wrong value corrupts the database; SQLite maintains it itself"),
          Map.entry("synchronous", "leave it out: sqlite-safe sets it so that a commit is durable"),
          Map.entry("wal_autocheckpoint", "use `sqlite-safe checkpoint DB`"),
          Map.entry("wal_checkpoint", "use `sqlite-safe checkpoint DB`"),
          Map.entry(
              "writable_schema",
              "a mistake with it corrupts the database; if there is no other way, make a backup and"
                  + " use "
                  + WITH_LOCK.formatted("PRAGMA writable_schema=1; …")));

  private StatementPolicy() {}

  /**
   * Refuses a statement that must not run inside our transaction.
   *
   * @throws SqliteSafeException of kind USAGE, naming the statement and its line, with a hint which
   *     command does that job
   */
  public static void requireAllowedInTransaction(SqlStatement statement) {
    if (!WORTH_A_LOOK.contains(statement.keyword())) {
      return;
    }
    List<SqlLexer.Token> tokens = withoutExplain(SqlLexer.prefix(statement, TOKENS));
    String keyword = keyword(tokens, 0);
    switch (keyword) {
      case "BEGIN", "COMMIT", "END" -> refuseTransactionControl(statement, keyword);
      case "ROLLBACK" -> {
        // ROLLBACK [TRANSACTION [name]] TO undoes back to a savepoint and leaves us our transaction
        if (tokens.stream().noneMatch(token -> token.keyword().equals("TO"))) {
          refuseTransactionControl(statement, keyword);
        }
      }
      case "VACUUM" -> refuseVacuum(statement, tokens);
      case "ATTACH", "DETACH" ->
          throw refused(
              statement,
              keyword + " is refused: the lock and the all-or-nothing promise cover one database",
              "run one `sqlite-safe write` for each database, or take the lock around the sqlite3"
                  + " shell: "
                  + WITH_LOCK.formatted("ATTACH …"));
      case "PRAGMA" -> requireAllowedPragma(statement, tokens);
      default -> {}
    }
  }

  /** What a session, which has no transaction by itself, must do with a statement. */
  public enum Role {
    /** Run it, wherever it may run. */
    PLAIN,
    BEGIN,
    COMMIT,
    ROLLBACK,
    /** SAVEPOINT, RELEASE and ROLLBACK TO: only inside a transaction. */
    SAVEPOINT,
    ATTACH,
    DETACH,
    /** Sets how a connection behaves, and so has to be repeated on the session's next one. */
    SETTING,
    /** Makes something that goes with its connection. */
    TEMPORARY
  }

  private static final Set<String> CONNECTION_SETTINGS =
      Set.of(
          "analysis_limit",
          "automatic_index",
          "cache_size",
          "cache_spill",
          "case_sensitive_like",
          "cell_size_check",
          "foreign_keys",
          "ignore_check_constraints",
          "legacy_alter_table",
          "recursive_triggers",
          "reverse_unordered_selects",
          "secure_delete",
          "temp_store",
          "threads",
          "trusted_schema");

  /**
   * The role of a statement in a session.
   *
   * @throws SqliteSafeException of kind USAGE for what may not run in any, with a hint which
   *     command does that job
   */
  public static Role roleInSession(SqlStatement statement) {
    List<SqlLexer.Token> tokens = SqlLexer.prefix(statement, TOKENS);
    switch (keyword(tokens, 0)) {
      case "BEGIN":
        return Role.BEGIN;
      case "COMMIT", "END":
        return Role.COMMIT;
      case "ROLLBACK":
        boolean partly = tokens.stream().anyMatch(token -> token.keyword().equals("TO"));
        return partly ? Role.SAVEPOINT : Role.ROLLBACK;
      case "SAVEPOINT", "RELEASE":
        return Role.SAVEPOINT;
      case "ATTACH":
        return Role.ATTACH;
      case "DETACH":
        return Role.DETACH;
      case "CREATE":
        return keyword(tokens, 1).startsWith("TEMP") ? Role.TEMPORARY : Role.PLAIN;
      case "PRAGMA":
        if (setsConnection(tokens)) {
          return Role.SETTING;
        }
        break;
      default:
        break;
    }
    requireAllowedInTransaction(statement);
    return Role.PLAIN;
  }

  private static boolean setsConnection(List<SqlLexer.Token> tokens) {
    int at = text(tokens, 2).equals(".") ? 3 : 1;
    String next = text(tokens, at + 1);
    return CONNECTION_SETTINGS.contains(unquoted(text(tokens, at)).toLowerCase(Locale.ROOT))
        && (next.equals("=") || next.equals("("));
  }

  /** Some pragmas act while they are compiled, so EXPLAIN does not make them harmless. */
  private static List<SqlLexer.Token> withoutExplain(List<SqlLexer.Token> tokens) {
    if (!keyword(tokens, 0).equals("EXPLAIN")) {
      return tokens;
    }
    int words = keyword(tokens, 1).equals("QUERY") && keyword(tokens, 2).equals("PLAN") ? 3 : 1;
    return tokens.subList(words, tokens.size());
  }

  private static void refuseTransactionControl(SqlStatement statement, String keyword) {
    throw refused(
        statement,
        keyword + " is refused: the transaction around the whole script is sqlite-safe's own",
        "leave it out; for partial undo use SAVEPOINT, RELEASE and ROLLBACK TO; for several"
            + " transactions run several commands");
  }

  private static void refuseVacuum(SqlStatement statement, List<SqlLexer.Token> tokens) {
    if (tokens.stream().anyMatch(token -> token.keyword().equals("INTO"))) {
      throw refused(
          statement,
          "VACUUM INTO cannot run inside a transaction",
          "use `sqlite-safe vacuum-into DB DEST`");
    }
    throw refused(
        statement,
        "VACUUM cannot run inside a transaction",
        "for a compact copy: `sqlite-safe vacuum-into DB DEST`; in place: "
            + WITH_LOCK.formatted("VACUUM")
            + "; either may number the rows of tables without PRIMARY KEY anew");
  }

  /** {@code PRAGMA [schema.]name}, {@code =value} or {@code (value)}; names may be quoted. */
  private static void requireAllowedPragma(SqlStatement statement, List<SqlLexer.Token> tokens) {
    int at = text(tokens, 2).equals(".") ? 3 : 1;
    String name = unquoted(text(tokens, at)).toLowerCase(Locale.ROOT);
    String next = text(tokens, at + 1);
    boolean withValue = next.equals("=") || next.equals("(");
    if (ALLOWED_PRAGMAS.contains(name) || (READABLE_PRAGMAS.contains(name) && !withValue)) {
      return;
    }
    boolean settable = READABLE_PRAGMAS.contains(name);
    throw refused(
        statement,
        settable
            ? "setting PRAGMA " + name + " is refused inside sqlite-safe's transaction"
            : "PRAGMA " + name + " is not among those allowed inside sqlite-safe's transaction",
        PRAGMA_HINTS.getOrDefault(
            name, "if it is really needed: " + WITH_LOCK.formatted("PRAGMA …")));
  }

  private static String keyword(List<SqlLexer.Token> tokens, int index) {
    return index < tokens.size() ? tokens.get(index).keyword() : "";
  }

  private static String text(List<SqlLexer.Token> tokens, int index) {
    return index < tokens.size() ? tokens.get(index).text() : "";
  }

  private static String unquoted(String name) {
    if (name.length() < 2 || "'\"`[".indexOf(name.charAt(0)) < 0) {
      return name;
    }
    return name.substring(1, name.length() - 1);
  }

  private static SqliteSafeException refused(SqlStatement statement, String what, String hint) {
    return new SqliteSafeException(
            ErrorKind.USAGE,
            "statement " + statement.number() + " (line " + statement.line() + "): " + what,
            hint)
        .with("statement", statement.number())
        .with("line", statement.line());
  }
}
