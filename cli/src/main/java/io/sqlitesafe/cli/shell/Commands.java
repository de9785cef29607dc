package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.kit.Nearest;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All dot-commands by name. */
final class Commands {
  private Commands() {}

  static Map<String, DotCommand> of(Shell shell) {
    Map<String, DotCommand> all = new TreeMap<>();
    new SchemaCommands(shell).all().forEach(command -> all.put(command.name(), command));
    new DisplayCommands(shell).all().forEach(command -> all.put(command.name(), command));
    new DataCommands(shell).all().forEach(command -> all.put(command.name(), command));
    new SystemCommands(shell).all().forEach(command -> all.put(command.name(), command));
    new SnapshotCommands(shell).all().forEach(command -> all.put(command.name(), command));
    new CaptureCommands(shell).all().forEach(command -> all.put(command.name(), command));
    DotCommand help =
        DotCommand.of(
            ".help", "?COMMAND?", "Show the dot-commands", words -> help(shell, all, words));
    all.put(help.name(), help);
    return all;
  }

  private static void help(Shell shell, Map<String, DotCommand> all, List<String> words) {
    String topic = DotCommand.optional(words);
    String name = topic.startsWith(".") ? topic : "." + topic;
    StringBuilder text = new StringBuilder();
    for (DotCommand command : all.values()) {
      if (command.name().startsWith(name)) {
        String use = (command.name() + " " + command.usage()).strip();
        text.append(use).append(" ".repeat(Math.max(1, 34 - use.length())));
        text.append(command.help()).append('\n');
      }
    }
    if (text.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "there is no command " + name,
          Nearest.hint(name, all.keySet(), "see .help"));
    }
    shell.output().print(text.toString());
  }
}
