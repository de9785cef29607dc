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
import java.util.stream.Stream;
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
    String misspelt = prefix.isEmpty() && !isFile(word) ? nearSynonym(word) : null;
    if (misspelt != null) {
      return misspelt;
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

  /** A hint, and the words of other programs for what is called differently here. */
  private record Synonyms(String hint, String... words) {}

  private static final List<Synonyms> SYNONYMS =
      List.of(
          new Synonyms("to run a query: sqlite-safe read DB SQL", "query", "select", "get", "sql"),
          new Synonyms(
              "to run SQL that writes: sqlite-safe write DB SQL",
              "exec execute run insert update delete create pragma analyze optimize".split(" ")),
          new Synonyms("to make a new database: sqlite-safe write --create DB SQL", "init", "new"),
          new Synonyms("to write a database as SQL: echo .dump | sqlite-safe shell DB", "dump"),
          new Synonyms(
              "to see what is in it: echo .schema | sqlite-safe shell DB", "schema", "tables"),
          new Synonyms(
              "to check for damage: sqlite-safe integrity-check FILE", "check", "verify", "fsck"),
          new Synonyms(
              "to see who holds the lock: sqlite-safe inspect-lock DB",
              "status info who lock locks".split(" ")),
          new Synonyms(
              "to break the lock of a dead owner: sqlite-safe break-stale DB", "unlock", "break"),
          new Synonyms(
              "to make a compact copy: sqlite-safe vacuum-into DB DEST", "vacuum", "compact"),
          new Synonyms("to see the version: sqlite-safe --version", "version"),
          new Synonyms("to make a backup: sqlite-safe backup DB DEST", "save", "snapshot"),
          new Synonyms(
              "to open a shell: sqlite-safe shell DB", "open", "sqlite3", "console", "repl"),
          new Synonyms(
              "to get out of a damaged database what is in it: sqlite-safe recover DB -o FILE",
              "salvage repair fix rescue".split(" ")),
          new Synonyms(
              "to read rows from a file: sqlite-safe write DB SQL --rows FILE", "import", "load"),
          new Synonyms(
              "old backups are removed with a new one: sqlite-safe backup DB DIR/ --keep-daily N",
              "prune rotate retention".split(" ")),
          new Synonyms(
              "to try a backup out: sqlite-safe restore --drill BACKUP",
              "verify-backup test drill".split(" ")),
          new Synonyms(
              "to write how two databases differ: sqlite-safe changeset export DB --since BASE -o"
                  + " FILE",
              "diff"),
          new Synonyms(
              "to apply a changeset: sqlite-safe changeset apply DB FILE", "apply", "patch"),
          new Synonyms(
              "this is a command on changesets: sqlite-safe changeset export --help", "export"),
          new Synonyms("to show or change the journal mode: sqlite-safe journal-mode DB", "wal"));

  private static @Nullable String synonym(String word) {
    return SYNONYMS.stream()
        .filter(each -> List.of(each.words).contains(word))
        .map(Synonyms::hint)
        .findFirst()
        .orElse(null);
  }

  /** What a misspelt one of those words means. */
  private static @Nullable String nearSynonym(String word) {
    List<String> all = SYNONYMS.stream().flatMap(each -> Stream.of(each.words)).toList();
    List<String> near = Nearest.to(word, all);
    return near.isEmpty() ? null : synonym(near.get(0));
  }
}
