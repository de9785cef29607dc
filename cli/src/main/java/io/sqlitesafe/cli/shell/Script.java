package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.input.Utf8Reader;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.SqlText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs text that nobody types: a file, or what is piped in. Reads line by line, runs a statement as
 * soon as it is whole, and stops at the first error. For one use.
 */
public final class Script {
  private final Shell shell;
  private final Cancellation cancellation;
  private final StringBuilder pending = new StringBuilder();
  private int line;
  private int start = 1;

  public Script(Shell shell, Cancellation cancellation) {
    this.shell = shell;
    this.cancellation = cancellation;
  }

  /** Runs it to its end, to its first error, or to a {@code .quit}. */
  public void run(Reader text) {
    try (BufferedReader lines = new BufferedReader(text)) {
      for (String next = lines.readLine();
          next != null && shell.exitCode() == null;
          next = lines.readLine()) {
        line++;
        take(next);
        cancellation.throwIfRequested();
      }
      if (shell.exitCode() == null && !pending.toString().isBlank()) {
        execute(pending.toString()); // the last statement needs no semicolon
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(String next) {
    if (pending.isEmpty() && Shell.isDotCommand(next)) {
      start = line;
      execute(next);
      return;
    }
    if (pending.isEmpty()) {
      start = line;
    }
    pending.append(next).append('\n');
    // A look at all of it only where it may be over, so that long statements do not take long.
    if (next.indexOf(';') >= 0 || pending.length() == next.length() + 1) {
      String sql = pending.toString();
      if (SqlText.isComplete(sql)) {
        pending.setLength(0);
        execute(sql);
      }
    }
  }

  private void execute(String text) {
    try {
      shell.execute(text, start);
    } catch (SqliteSafeException e) {
      SqliteSafeException placed = Shell.isDotCommand(text) ? placed(e) : e; // SQL says its line
      if (!shell.goesOnAfter(placed)) {
        throw placed;
      }
    }
  }

  private SqliteSafeException placed(SqliteSafeException e) {
    SqliteSafeException placed =
        new SqliteSafeException(
            e.kind(), "line " + start + ": " + e.getMessage(), e.hint(), e.getCause());
    e.details().forEach(placed::with);
    return placed;
  }

  /** The command {@code .read}. */
  static void ofFile(Shell shell, Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new SqliteSafeException(ErrorKind.USAGE, "cannot read " + file, "check the name");
    }
    try (Reader text = new Utf8Reader(Files.newInputStream(file), file.toString())) {
      shell.nested(() -> new Script(shell, shell.command()).run(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SqliteSafeException e) {
      SqliteSafeException placed =
          new SqliteSafeException(e.kind(), file + ": " + e.getMessage(), e.hint(), e.getCause());
      e.details().forEach(placed::with);
      throw placed;
    }
  }
}
