package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Dot-commands about how results look. */
final class DisplayCommands {
  private final Shell shell;
  private final Preferences preferences;

  DisplayCommands(Shell shell) {
    this.shell = shell;
    this.preferences = shell.preferences();
  }

  List<DotCommand> all() {
    return List.of(
        DotCommand.of(
            ".mode",
            "?MODE? ?TABLE? ?--wrap N?",
            "Set the output mode: "
                + String.join(" ", Arrays.stream(ShellFormat.values()).map(f -> "" + f).toList()),
            this::mode),
        DotCommand.of(
            ".headers",
            "on|off",
            "Show column names",
            words -> preferences.layout = preferences.layout.withHeaders(DotCommand.onOff(words))),
        DotCommand.of(
            ".nullvalue",
            "STRING",
            "Show STRING in place of NULL",
            words -> preferences.layout = preferences.layout.withNullValue(DotCommand.only(words))),
        DotCommand.of(
            ".separator",
            "COLUMN ?ROW?",
            "Put COLUMN between columns and ROW after rows, until .mode; for .import too",
            this::separator),
        DotCommand.of(
            ".width",
            "N ...",
            "Set the widths of columns; 0 by content, negative aligns right",
            this::width),
        DotCommand.of(
            ".timer",
            "on|off",
            "Show how long each statement took",
            words -> preferences.timer = DotCommand.onOff(words)),
        DotCommand.of(
            ".stats",
            "on|off",
            "Show what each statement did: rows, changes, time",
            words -> preferences.stats = words.isEmpty() || DotCommand.onOff(words)),
        DotCommand.of(
            ".changes",
            "on|off",
            "Show how many rows each statement changed",
            words -> preferences.changes = DotCommand.onOff(words)),
        DotCommand.of(
            ".echo",
            "on|off",
            "Show each statement before it runs",
            words -> preferences.echo = DotCommand.onOff(words)),
        DotCommand.of(
            ".eqp",
            "on|off",
            "Show each statement's query plan before its result",
            words -> preferences.explainPlans = DotCommand.onOff(words)),
        DotCommand.of(".explain", "on|off|auto", "Format the output of EXPLAIN", this::explain),
        DotCommand.of(
            ".pager",
            "on|off|COMMAND",
            "Show long results by a pager ($PAGER, or less)",
            this::pager),
        DotCommand.of(".show", "", "Show the present settings", this::show));
  }

  private void mode(List<String> words) {
    if (words.isEmpty()) {
      shell.output().print("current output mode: " + preferences.format + "\n");
      return;
    }
    ShellFormat format = preferences.format;
    String table = "table";
    List<String> names = new ArrayList<>(words);
    for (int i = names.indexOf("--wrap"); i >= 0; i = names.indexOf("--wrap")) {
      if (i + 1 >= names.size()) {
        throw new DotCommand.WrongUse();
      }
      preferences.layout = preferences.layout.withWrap(number(names.remove(i + 1)));
      names.remove(i);
    }
    if (!names.isEmpty()) {
      format = format(names.get(0));
      preferences.layout = preferences.layout.withSeparators(null, null); // those of the mode
    }
    if (names.size() > 2 || (names.size() == 2 && format != ShellFormat.INSERT)) {
      throw new DotCommand.WrongUse();
    }
    if (names.size() == 2) {
      table = names.get(1);
    }
    preferences.format = format;
    preferences.layout = preferences.layout.withTable(table);
  }

  private void separator(List<String> words) {
    if (words.isEmpty() || words.size() > 2) {
      throw new DotCommand.WrongUse();
    }
    String row =
        words.size() == 2 ? DotWords.unescaped(words.get(1)) : preferences.layout.rowSeparator();
    preferences.layout = preferences.layout.withSeparators(DotWords.unescaped(words.get(0)), row);
  }

  private static ShellFormat format(String name) {
    for (ShellFormat format : ShellFormat.values()) {
      if (format.toString().equals(name)) {
        return format;
      }
    }
    throw new SqliteSafeException(
        ErrorKind.USAGE,
        "there is no mode " + name,
        "the modes are: "
            + String.join(" ", Arrays.stream(ShellFormat.values()).map(f -> "" + f).toList()));
  }

  private void width(List<String> words) {
    preferences.layout =
        preferences.layout.withWidths(words.stream().map(DisplayCommands::number).toList());
  }

  private static int number(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw new DotCommand.WrongUse();
    }
  }

  private void explain(List<String> words) {
    preferences.formatExplain =
        switch (words.isEmpty() ? "on" : DotCommand.only(words).toLowerCase(Locale.ROOT)) {
          case "on", "auto" -> true;
          case "off" -> false;
          default -> throw new DotCommand.WrongUse();
        };
  }

  private void pager(List<String> words) {
    String command = String.join(" ", words);
    shell
        .output()
        .setPager(
            switch (command) {
              case "" -> throw new DotCommand.WrongUse();
              case "on" -> Shell.defaultPager();
              case "off" -> "";
              default -> command;
            });
  }

  private void show(List<String> words) {
    if (!words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    Boolean headers = preferences.layout.headers();
    StringBuilder text = new StringBuilder();
    line(text, "changes", onOff(preferences.changes));
    line(text, "echo", onOff(preferences.echo));
    line(text, "eqp", onOff(preferences.explainPlans));
    line(text, "explain", preferences.formatExplain ? "auto" : "off");
    line(text, "headers", headers == null ? "auto" : onOff(headers));
    line(text, "mode", preferences.format + " --wrap " + preferences.layout.wrap());
    line(text, "nullvalue", '"' + preferences.layout.nullValue() + '"');
    line(text, "output", shell.output().name());
    line(text, "pager", shell.output().pager());
    line(text, "colseparator", '"' + DotWords.escaped(preferences.columnSeparator()) + '"');
    line(text, "rowseparator", '"' + DotWords.escaped(preferences.rowSeparator()) + '"');
    line(text, "timer", onOff(preferences.timer));
    line(text, "stats", onOff(preferences.stats));
    line(text, "bail", onOff(preferences.bail));
    line(
        text,
        "width",
        String.join(" ", preferences.layout.widths().stream().map(String::valueOf).toList()));
    line(text, "read-only", onOff(shell.readOnly()));
    line(text, "filename", shell.database().toString());
    shell.output().print(text.toString());
  }

  private static String onOff(boolean value) {
    return value ? "on" : "off";
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(" ".repeat(12 - name.length())).append(name).append(": ");
    text.append(value).append('\n');
  }
}
