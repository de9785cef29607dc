package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Nearest;
import io.sqlitesafe.cli.output.results.LockText;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.sql.Extensions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sqlite.SQLiteLimits;

/** Dot-commands about files, programs, the lock and the shell itself. */
final class SystemCommands {
  private final Shell shell;

  SystemCommands(Shell shell) {
    this.shell = shell;
  }

  List<DotCommand> all() {
    return List.of(
        DotCommand.onFiles(
            ".output",
            "?FILE|'|COMMAND'?",
            "Write results there, or to the screen again",
            words -> redirect(words, false)),
        DotCommand.onFiles(
            ".once",
            "FILE|'|COMMAND'",
            "Write the next result there",
            words -> redirect(words, true)),
        DotCommand.onFiles(".open", "FILE", "Leave this database for another", this::open),
        DotCommand.onFiles(".cd", "DIRECTORY", "File names are relative to it", this::cd),
        DotCommand.onFiles(".shell", "COMMAND", "Run a command of the system", this::system),
        DotCommand.onFiles(".system", "COMMAND", "The same", this::system),
        DotCommand.of(
            ".print",
            "STRING ...",
            "Print it",
            words -> shell.output().print(String.join(" ", words) + "\n")),
        DotCommand.of(
            ".timeout", "MS", "Wait so many milliseconds for the locks of others", this::timeout),
        DotCommand.of(
            ".bail",
            "on|off",
            "Stop a script at its first error (the default here), or go on",
            words -> shell.preferences().bail = DotCommand.onOff(words)),
        DotCommand.of(".limit", "?NAME? ?VALUE?", "Show or set SQLite's limits", this::limit),
        DotCommand.onFiles(
            ".load", "LIBRARY ?ENTRY?", "Load an extension of SQLite, which you trust", this::load),
        DotCommand.of(".lock", "", "Show who holds the lock", this::lock),
        DotCommand.of(".quit", "", "Leave; an open transaction is rolled back", this::quit),
        DotCommand.of(".exit", "?CODE?", "Leave with an exit status", this::exit));
  }

  private void redirect(List<String> words, boolean once) {
    if (words.isEmpty() && !once) {
      shell.output().restore();
      return;
    }
    if (words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    if (words.get(0).startsWith("-")) {
      Arguments.of(words); // has no options, and a file named like one is a mistake
    }
    String name = words.get(0).startsWith("|") ? String.join(" ", words) : DotCommand.only(words);
    if (name.equals("stdout")) {
      shell.output().restore();
      return;
    }
    boolean program = name.startsWith("|");
    shell
        .output()
        .redirect(
            name,
            shell.resolve(program ? "command" : name),
            once,
            new OutputRule().database(shell.database(), "the database"),
            shell.session().files(),
            shell.command());
  }

  private void open(List<String> words) {
    shell.open(shell.resolve(DotCommand.only(words)));
  }

  private void load(List<String> words) {
    if (words.isEmpty() || words.size() > 2) {
      throw new DotCommand.WrongUse();
    }
    String library = words.get(0);
    boolean named = !library.contains("/") && !library.startsWith("~");
    shell
        .session()
        .load(
            Extensions.sql(
                named ? library : shell.resolve(library).toString(),
                words.size() == 2 ? words.get(1) : null));
  }

  private void cd(List<String> words) {
    // Not normalize(): ".." after a symbolic link is above the directory that it leads to.
    Path directory = real(shell.resolve(DotCommand.only(words)));
    if (!Files.isDirectory(directory)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "there is no directory " + directory, "check the name");
    }
    shell.setDirectory(directory);
  }

  private static Path real(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException missing) {
      return directory;
    }
  }

  private void system(List<String> words) {
    if (words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    try {
      Process process =
          new ProcessBuilder("sh", "-c", commandLine(words))
              .directory(shell.directory().toFile())
              .inheritIO()
              .start();
      int status = process.waitFor();
      if (status != 0) {
        shell.say("exit status " + status);
      }
    } catch (IOException e) {
      throw new SqliteSafeException(ErrorKind.FAILED, "cannot run it: " + e.getMessage(), null, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Only a word that was quoted can hold a blank or a quote: it stays one word, as it is, unless it
   * is all that was given.
   */
  private static String commandLine(List<String> words) {
    if (words.size() == 1) {
      return words.get(0);
    }
    StringBuilder line = new StringBuilder();
    for (String word : words) {
      boolean quoted =
          word.isEmpty() || word.chars().anyMatch(c -> c <= ' ' || c == '\'' || c == '"');
      line.append(line.isEmpty() ? "" : " ").append(quoted ? ShellWord.of(word) : word);
    }
    return line.toString();
  }

  private void timeout(List<String> words) {
    shell.session().setPatience(Duration.ofMillis(Math.max(0, number(DotCommand.only(words)))));
  }

  private void limit(List<String> words) {
    Map<String, SQLiteLimits> limits = new LinkedHashMap<>();
    for (SQLiteLimits limit : SQLiteLimits.values()) {
      String name = limit.name().replaceFirst("^SQLITE_LIMIT_", "").toLowerCase(Locale.ROOT);
      limits.put(name, limit);
    }
    if (words.isEmpty()) {
      StringBuilder text = new StringBuilder();
      limits.forEach((name, limit) -> text.append(line(name, limit, -1)));
      shell.output().print(text.toString());
      return;
    }
    SQLiteLimits limit = limits.get(words.get(0));
    if (limit == null || words.size() > 2) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "there is no limit " + words.get(0),
          Nearest.hint(words.get(0), limits.keySet(), "see .limit"));
    }
    shell.output().print(line(words.get(0), limit, words.size() == 2 ? number(words.get(1)) : -1));
  }

  private String line(String name, SQLiteLimits limit, int value) {
    if (value >= 0) {
      shell.session().limit(limit.getId(), value);
    }
    int present = shell.session().limit(limit.getId(), -1);
    return " ".repeat(20 - name.length()) + name + " " + present + "\n";
  }

  private static int number(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw new DotCommand.WrongUse();
    }
  }

  private void lock(List<String> words) {
    if (!words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    shell
        .output()
        .print(LockText.of(SafeDatabase.of(shell.database(), shell.settings()).inspectLock()));
  }

  private void quit(List<String> words) {
    if (!words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    shell.quit(0);
  }

  private void exit(List<String> words) {
    shell.quit(words.isEmpty() ? 0 : number(DotCommand.only(words)));
  }
}
