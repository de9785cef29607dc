package io.sqlitesafe.cli.completion;

import io.sqlitesafe.cli.completion.CompletionModel.Argument;
import io.sqlitesafe.cli.completion.CompletionModel.Command;
import io.sqlitesafe.cli.completion.CompletionModel.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The bash script: two tables (what a command offers, what an option takes) and one function that
 * walks the line. File names are left to readline ({@code compopt -o default}), because only it
 * gets quotes, spaces and tildes right.
 */
final class BashCompletion {
  private final CompletionModel model;

  BashCompletion(CompletionModel model) {
    this.model = model;
  }

  String script() {
    return BashTemplate.TEXT
        .replace("@COMMANDS@\n", commands())
        .replace("@OPTIONS@\n", options())
        .replace("@PROGRAM@", model.program())
        .replace("@ID@", "_" + model.program().replaceAll("\\W", "_"));
  }

  private String commands() {
    StringBuilder table = new StringBuilder();
    for (Command command : model.commands()) {
      table.append("        '").append(command.path()).append("')\n");
      append(table, "subcommands=\"", command.subcommands().stream().map(Command::name), "\"");
      append(
          table, "options=\"", command.options().stream().flatMap(o -> o.names().stream()), "\"");
      append(table, "places=(", command.arguments().stream().map(BashCompletion::place), ")");
      table.append("            ;;\n");
    }
    return table.toString();
  }

  private String options() {
    Map<String, StringJoiner> cases = new LinkedHashMap<>(); // what they take, and the options
    model
        .optionValues()
        .forEach(
            (option, value) ->
                cases
                    .computeIfAbsent(text(value), v -> new StringJoiner(" | \\\n        "))
                    .add((option.startsWith("-") ? "*' " : "'") + option + "'"));
    cases.remove("");
    StringBuilder table = new StringBuilder();
    cases.forEach((takes, of) -> table.append("        " + of + ") takes='" + takes + "' ;;\n"));
    return table.toString();
  }

  private static void append(StringBuilder to, String start, Stream<String> words, String end) {
    String text = words.collect(Collectors.joining(" "));
    if (!text.isEmpty()) {
      String wrapped = text.replaceAll("(.{60,80}) ", "$1 \\\\\n                ");
      to.append("            ").append(start).append(wrapped).append(end).append('\n');
    }
  }

  private static String place(Argument argument) {
    return '"' + (argument.isLast() ? "*" : "") + text(argument.value()) + '"';
  }

  private static String text(Value value) {
    return switch (value.kind()) {
      case FLAG -> "";
      case WORDS -> "=" + String.join(" ", value.words());
      case FILE -> "file";
      case COMMAND_LINE -> "command";
      case ANY -> "any";
    };
  }
}
