package io.sqlitesafe.cli;

import io.sqlitesafe.cli.kit.Nearest;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The answer to a first word that is no command: what to type instead. */
final class UnknownCommand {
  private UnknownCommand() {}

  /**
   * An error that names the way to what was probably meant.
   *
   * @param word what stands in the command's place
   * @param above the command that {@code word} stands below, or empty
   */
  static SqliteSafeException of(String word, String above, Collection<String> commands) {
    String prefix = above.isEmpty() ? "" : above + " ";
    String message = "there is no command \"" + prefix + word + "\"";
    return new SqliteSafeException(ErrorKind.USAGE, message, hint(word, prefix, commands));
  }

  private static String hint(String word, String prefix, Collection<String> commands) {
    String synonym = prefix.isEmpty() ? synonym(word.toLowerCase(Locale.ROOT)) : null;
    if (synonym != null) {
      return synonym;
    }
    List<String> near = Nearest.to(word, commands);
    if (!near.isEmpty()) {
      return "did you mean " + prefix + String.join(" or " + prefix, near) + "?";
    }
    if (prefix.isEmpty() && isFile(word)) {
      return "the command comes before the database: sqlite-safe COMMAND "
          + word
          + "; to open a shell: sqlite-safe shell "
          + word;
    }
    return "the commands are: " + String.join(", ", commands);
  }

  private static boolean isFile(String word) {
    try {
      return Files.exists(Path.of(word));
    } catch (InvalidPathException notEvenAName) {
      return false;
    }
  }

  /** Words that other programs use for what is called differently here. */
  private static @Nullable String synonym(String word) {
    return switch (word) {
      case "query", "select", "get", "sql" -> "to run a query: sqlite-safe read DB SQL";
      case "exec", "execute", "run", "insert", "update", "delete", "create" ->
          "to run SQL that writes: sqlite-safe write DB SQL";
      case "dump" -> "to write a database as SQL: echo .dump | sqlite-safe shell DB";
      case "check", "verify", "fsck" -> "to check for damage: sqlite-safe integrity-check FILE";
      case "status", "info", "who", "lock" ->
          "to see who holds the lock: sqlite-safe inspect-lock DB";
      case "unlock" -> "to break the lock of a dead owner: sqlite-safe break-stale DB";
      case "vacuum", "compact" -> "to make a compact copy: sqlite-safe vacuum-into DB DEST";
      case "version" -> "to see the version: sqlite-safe --version";
      case "save", "snapshot" -> "to make a backup: sqlite-safe backup DB DEST";
      case "open", "sqlite3", "console" -> "to open a shell: sqlite-safe shell DB";
      case "salvage", "repair", "fix", "rescue" ->
          "to get out of a damaged database what is in it: sqlite-safe recover DB -o FILE";
      case "import", "load" -> "to read rows from a file: sqlite-safe write DB SQL --rows FILE";
      case "prune", "rotate", "retention" ->
          "old backups are removed with a new one: sqlite-safe backup DB DIR/ --keep-daily N";
      case "verify-backup", "test" -> "to try a backup out: sqlite-safe restore --drill BACKUP";
      case "diff" ->
          "to write how two databases differ: sqlite-safe changeset export DB --since BASE -o FILE";
      case "apply", "export" ->
          "this is a command on changesets: sqlite-safe changeset " + word + " --help";
      case "wal" -> "to show or change the journal mode: sqlite-safe journal-mode DB";
      default -> null;
    };
  }
}
