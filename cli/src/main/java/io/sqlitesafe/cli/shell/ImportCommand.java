package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.input.DelimitedReader;
import io.sqlitesafe.cli.input.RowReader;
import io.sqlitesafe.cli.input.Utf8Reader;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The dot-command .import: which file is read, and how. */
final class ImportCommand {
  private final Shell shell;

  ImportCommand(Shell shell) {
    this.shell = shell;
  }

  void run(List<String> words) {
    List<String> rest = new ArrayList<>(words);
    long skip = skip(rest);
    Arguments given = Arguments.of(rest, "--csv", "--tsv", "--jsonl", "--ascii", "-v", "--v");
    if (given.rest().size() != 2) {
      throw new DotCommand.WrongUse();
    }
    Path file = shell.resolve(given.rest().get(0));
    String table = given.rest().get(1);
    String suffix = suffix(given, file);
    if (suffix.equals("jsonl") || suffix.equals("tsv")) {
      objects(file, suffix, skip, table);
      return;
    }
    Preferences preferences = shell.preferences();
    boolean ascii =
        suffix.equals("ascii") || (suffix.isEmpty() && preferences.format == ShellFormat.ASCII);
    ShellFormat mode = ascii ? ShellFormat.ASCII : ShellFormat.CSV;
    boolean own = suffix.isEmpty() && !ascii;
    String column = own ? preferences.columnSeparator() : mode.columnSeparator();
    String row = own ? preferences.rowSeparator() : mode.rowSeparator();
    if (column.isEmpty() || row.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "an empty separator separates nothing", "set one: .separator , \"\\n\"");
    }
    try (DelimitedReader records =
        new DelimitedReader(open(file), file.toString(), column, row, !ascii)) {
      Import task = new Import(records, table, line -> shell.say("warning: " + line));
      long passed = skip;
      shell.session().write(session -> task.run(session, passed));
    }
  }

  private static long skip(List<String> words) {
    int at = Math.max(words.indexOf("--skip"), words.indexOf("-skip"));
    if (at < 0) {
      return 0;
    }
    try {
      words.remove(at);
      return Math.max(0, Long.parseLong(words.remove(at)));
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new DotCommand.WrongUse();
    }
  }

  /**
   * The format that was asked for, or that goes without saying; empty where the separators that are
   * set say it.
   */
  private String suffix(Arguments given, Path file) {
    for (String format : List.of("csv", "tsv", "jsonl", "ascii")) {
      if (given.has("--" + format)) {
        return format;
      }
    }
    Preferences preferences = shell.preferences();
    if (preferences.layout.columnSeparator() != null
        || preferences.format == ShellFormat.TABS
        || preferences.format == ShellFormat.ASCII) {
      return "";
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    for (String format : List.of("csv", "tsv", "jsonl")) {
      if (name.endsWith("." + format)) {
        return format;
      }
    }
    return name.endsWith(".ndjson") ? "jsonl" : "";
  }

  private void objects(Path file, String format, long skip, String table) {
    RowReader.Format known = RowReader.Format.valueOf(format.toUpperCase(Locale.ROOT));
    try (RowReader rows = RowReader.open(file.toString(), known)) {
      for (long i = 0; i < skip; i++) {
        rows.next();
      }
      ImportObjects task = new ImportObjects(rows, table);
      shell.session().write(task::run);
    }
  }

  private static Utf8Reader open(Path file) {
    if (Files.isDirectory(file) || !Files.isReadable(file)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "cannot read rows from " + file, "check the name and the permissions");
    }
    try {
      return new Utf8Reader(Files.newInputStream(file), file.toString());
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "cannot read rows from " + file + ": " + e.getMessage(), null, e);
    }
  }
}
