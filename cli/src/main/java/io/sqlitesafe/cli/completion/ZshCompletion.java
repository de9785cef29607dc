package io.sqlitesafe.cli.completion;

import static java.util.stream.Collectors.joining;

import io.sqlitesafe.cli.completion.CompletionModel.Argument;
import io.sqlitesafe.cli.completion.CompletionModel.Command;
import io.sqlitesafe.cli.completion.CompletionModel.Kind;
import io.sqlitesafe.cli.completion.CompletionModel.Option;
import io.sqlitesafe.cli.completion.CompletionModel.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The zsh script: the commands as tables for {@code _arguments}, and a function that walks them.
 */
final class ZshCompletion {
  private final CompletionModel model;

  ZshCompletion(CompletionModel model) {
    this.model = model;
  }

  String script() {
    StringBuilder shared = new StringBuilder();
    Map<String, StringBuilder> specs = new HashMap<>(); // the lines of each command, by its path
    model.commands().forEach(command -> specs.put(command.path(), new StringBuilder()));
    int count = 0;
    for (Map.Entry<List<String>, List<Option>> group : groups().entrySet()) {
      StringBuilder lines = new StringBuilder();
      if (group.getKey().size() > 1) {
        count++;
        shared.append("  local -a shared" + count + "=(\n");
        group.getValue().forEach(option -> specs(shared, "    ", option));
        shared.append("  )\n");
        lines.append("        $shared" + count + "\n");
      } else {
        group.getValue().forEach(option -> specs(lines, "        ", option));
      }
      group.getKey().forEach(path -> specs.computeIfPresent(path, (p, to) -> to.append(lines)));
    }
    StringBuilder table = new StringBuilder();
    for (Command command : model.commands()) {
      StringBuilder lines = specs.getOrDefault(command.path(), new StringBuilder());
      command.arguments().forEach(a -> lines.append("        " + spec(a) + "\n"));
      table.append("    '" + command.path() + "')\n");
      append(table, "subcommands", subcommands(command));
      append(table, "specs", lines);
      table.append("      ;;\n");
    }
    return ZshTemplate.TEXT
        .replace("@SHARED@\n", shared)
        .replace("@COMMANDS@\n", table)
        .replace("@PROGRAM@", model.program());
  }

  /** The options in groups that the same commands have, so that each is written once. */
  private Map<List<String>, List<Option>> groups() {
    Map<List<String>, List<Option>> groups = new LinkedHashMap<>();
    model
        .distinct(Command::options)
        .forEach((o, paths) -> groups.computeIfAbsent(paths, p -> new ArrayList<>()).add(o));
    return groups;
  }

  private static StringBuilder subcommands(Command command) {
    StringBuilder lines = new StringBuilder();
    for (Command child : command.subcommands()) {
      String entry = escape(child.name(), "\\:") + ":" + escape(child.summary(), "\\:");
      lines.append("        ").append(quote(entry)).append('\n');
    }
    return lines;
  }

  private static void append(StringBuilder to, String array, StringBuilder lines) {
    if (!lines.isEmpty()) {
      to.append("      " + array + "=(\n").append(lines).append("      )\n");
    }
  }

  /** One line a name, as {@code _arguments} wants it; a name excludes itself unless repeatable. */
  private static void specs(StringBuilder to, String indent, Option option) {
    boolean takesValue = option.value().kind() != Kind.FLAG;
    String summary = escape(option.summary(), "\\[]:");
    for (String name : option.names()) {
      StringBuilder spec = new StringBuilder();
      if (option.repeatable()) {
        spec.append('*');
      } else if (option.names().size() > 1) {
        spec.append('(').append(String.join(" ", option.names())).append(')');
      }
      spec.append(name);
      if (takesValue) {
        spec.append(name.startsWith("--") ? '=' : '+');
      }
      spec.append('[').append(summary).append(']');
      if (takesValue) {
        spec.append(':').append(option.label()).append(':').append(action(option.value()));
      }
      to.append(indent).append(quote(spec.toString())).append('\n');
    }
  }

  private static String spec(Argument argument) {
    String rest = ":" + argument.label() + ":" + action(argument.value());
    if (argument.value().kind() == Kind.COMMAND_LINE) {
      return quote("*::" + rest);
    } else if (argument.isLast()) {
      return quote("*" + rest);
    }
    return IntStream.rangeClosed(argument.first() + 1, argument.last() + 1)
        .mapToObj(place -> quote(place + rest))
        .collect(joining(" "));
  }

  private static String action(Value value) {
    return switch (value.kind()) {
      case WORDS -> escape("(" + String.join(" ", value.words()) + ")", ":");
      case FILE -> "_files";
      case COMMAND_LINE -> "_@PROGRAM@_command_line";
      case FLAG, ANY -> " "; // only the label is shown
    };
  }

  private static String escape(String text, String special) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      result.append(special.indexOf(c) < 0 ? "" : "\\").append(c);
    }
    return result.toString();
  }

  private static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
