package io.sqlitesafe.cli.completion;

import static java.util.stream.Collectors.joining;

import io.sqlitesafe.cli.completion.CompletionModel.Command;
import io.sqlitesafe.cli.completion.CompletionModel.Kind;
import io.sqlitesafe.cli.completion.CompletionModel.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The fish script: a function that finds the command at the cursor, and one line an option. */
final class FishCompletion {
  private final CompletionModel model;

  FishCompletion(CompletionModel model) {
    this.model = model;
  }

  String script() {
    List<Command> commands = model.commands();
    Map<String, StringBuilder> blocks = new LinkedHashMap<>(); // condition to its lines
    for (Command command : commands) {
      for (Command child : command.subcommands()) {
        String at = parameter(0, 0, List.of(command.path()));
        add(blocks, at, " -a " + child.name() + description(child.summary()));
      }
    }
    model
        .distinct(Command::arguments)
        .forEach(
            (argument, paths) -> {
              if (argument.value().kind() != Kind.ANY) {
                String at = parameter(argument.first(), argument.last(), paths);
                add(blocks, at, value(argument.value()).replace(" -r", "").replace(" -x", ""));
              }
            });
    model
        .distinct(Command::options)
        .forEach(
            (option, paths) -> {
              String names = option.names().stream().map(FishCompletion::name).collect(joining());
              String line = names + value(option.value()) + description(option.summary());
              add(blocks, "@ID@_at " + quoted(paths), line);
            });
    Stream<String> paths = commands.stream().map(Command::path).filter(path -> !path.isEmpty());
    StringBuilder script = new StringBuilder(FishTemplate.TEXT);
    blocks.forEach(
        (at, lines) -> script.append("\nset -l at '").append(at).append("'\n").append(lines));
    return script
        .toString()
        .replace("@COMMANDS@", quoted(paths.toList()))
        .replace("@WITH_VALUE@", quoted(optionsWithValue()))
        .replace("@PROGRAM@", model.program())
        .replace("@ID@", "__" + model.program().replaceAll("\\W", "_"));
  }

  private static void add(Map<String, StringBuilder> blocks, String condition, String rest) {
    blocks
        .computeIfAbsent(condition, c -> new StringBuilder())
        .append("complete -c @PROGRAM@ -n $at" + rest + "\n");
  }

  private List<String> optionsWithValue() {
    return model.optionValues().entrySet().stream()
        .filter(entry -> entry.getValue().kind() != Kind.FLAG)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String parameter(int first, int last, List<String> paths) {
    return "@ID@_parameter " + first + " " + Math.min(last, 999) + " " + quoted(paths);
  }

  private static String quoted(List<String> words) {
    return words.stream()
        .map(word -> word.isEmpty() || word.contains(" ") ? '"' + word + '"' : word)
        .collect(joining(" "));
  }

  private static String name(String option) {
    if (option.startsWith("--")) {
      return " -l " + option.substring(2);
    }
    return (option.length() == 2 ? " -s " : " -o ") + option.substring(1);
  }

  private static String value(Value value) {
    return switch (value.kind()) {
      case FLAG -> "";
      case WORDS -> " -x -a '" + String.join(" ", value.words()) + "'";
      case FILE -> " -r -F";
      case COMMAND_LINE -> " -a '(@ID@_command_line)'";
      case ANY -> " -x";
    };
  }

  private static String description(String text) {
    return text.isEmpty() ? "" : " -d '" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
