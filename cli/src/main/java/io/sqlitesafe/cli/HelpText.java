package io.sqlitesafe.cli;

import io.sqlitesafe.cli.option.LockOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What {@code --help} prints: a command's own options first, those that most commands have in one
 * line, and examples as they can be pasted. Not thread-safe.
 */
final class HelpText {
  private static final int LEAST_WIDTH = 60;
  private static final int MOST_WIDTH = 120;

  /** Of names of options and the like; a longer one has a line of its own. */
  private static final int TERM_WIDTH = 26;

  private final StringBuilder text = new StringBuilder();
  private final int width;

  private HelpText(int width) {
    this.width = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width));
  }

  /**
   * The help of a command.
   *
   * @param name in one word or more, with the program's
   * @param width in columns
   */
  static String of(CommandSpec spec, String name, int width) {
    HelpText help = new HelpText(width);
    boolean root = spec.parent() == null;
    help.head(spec, name);
    if (root) {
      help.commandsByGroup(spec);
    } else if (!spec.subcommands().isEmpty()) {
      help.title("Commands");
      spec.subcommands().forEach((word, line) -> help.term(word, header(line.getCommandSpec())));
    }
    help.arguments(spec);
    help.options(spec, root);
    help.examples(spec);
    help.title("Exit status");
    spec.usageMessage().exitCodeList().forEach(help::term);
    return help.text.toString();
  }

  private void head(CommandSpec spec, String name) {
    text.append(header(spec)).append("\n\n");
    List<String> usages = new ArrayList<>(List.of(spec.usageMessage().customSynopsis()));
    if (usages.isEmpty()) {
      usages.add(name + synopsis(spec));
    }
    for (int i = 0; i < usages.size(); i++) {
      text.append(i == 0 ? "Usage: " : "       ").append(usages.get(i)).append('\n');
    }
    for (String paragraph : spec.usageMessage().description()) {
      text.append('\n');
      wrapped(paragraph, 0);
    }
  }

  private static String synopsis(CommandSpec spec) {
    StringBuilder usage = new StringBuilder(" [OPTIONS]");
    for (PositionalParamSpec each : spec.positionalParameters()) {
      String label = each.paramLabel() + (each.arity().max() > 1 ? "..." : "");
      usage.append(each.arity().min() > 0 ? " " + label : " [" + label + "]");
    }
    return usage.append(spec.subcommands().isEmpty() ? "" : " COMMAND ...").toString();
  }

  private void commandsByGroup(CommandSpec root) {
    title("Commands");
    text.append(
        "Start here: write, read, backup, restore. \"sqlite-safe help COMMAND\" explains one.\n");
    CommandGroups.all()
        .forEach(
            (group, names) -> {
              text.append("\n  ").append(group).append('\n');
              for (String name : names) {
                CommandLine line = root.subcommands().get(name);
                term("  " + name, line == null ? "" : header(line.getCommandSpec()));
              }
            });
  }

  private void arguments(CommandSpec spec) {
    if (!spec.positionalParameters().isEmpty()) {
      title("Arguments");
      spec.positionalParameters()
          .forEach(each -> term(each.paramLabel(), String.join(" ", each.description())));
    }
  }

  private void options(CommandSpec spec, boolean root) {
    List<OptionSpec> common = LockOptions.common().options();
    List<OptionSpec> own = new ArrayList<>(spec.options());
    own.removeIf(option -> option.hidden() || LockOptions.isCommon(option, common));
    if (!own.isEmpty()) {
      title("Options");
      own.forEach(option -> term(label(option), String.join(" ", option.description())));
    }
    if (root) {
      title("Options of most commands");
      common.forEach(option -> term(label(option), String.join(" ", option.description())));
      return;
    }
    List<String> names = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (LockOptions.isCommon(option, common)) {
        names.add(option.longestName());
      }
    }
    if (names.isEmpty()) {
      return;
    }
    text.append('\n');
    wrapped(
        "Common options, see sqlite-safe(1) or sqlite-safe --help: " + String.join(" ", names), 0);
  }

  private static String label(OptionSpec option) {
    String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
    String names = String.join(", ", option.names());
    return (names.startsWith("--") ? "    " : "") + names + value;
  }

  /** Never wrapped: they are there to be pasted. */
  private void examples(CommandSpec spec) {
    List<String> lines = new ArrayList<>(List.of(spec.usageMessage().footer()));
    lines.remove("Examples:");
    if (!lines.isEmpty()) {
      title("Examples");
      lines.forEach(line -> text.append(line).append('\n'));
    }
  }

  private void title(String title) {
    text.append('\n').append(title).append(":\n");
  }

  private void term(String term, String meaning) {
    text.append("  ").append(term);
    if (term.length() > TERM_WIDTH - 2) {
      text.append('\n').append(" ".repeat(TERM_WIDTH + 2));
    } else {
      text.append(" ".repeat(TERM_WIDTH - term.length()));
    }
    wrapped(meaning, TERM_WIDTH + 2);
  }

  /** The first line begins where the text is, the others are indented; no word is cut. */
  private void wrapped(String words, int indent) {
    int column = indent;
    for (String word : words.split(" ")) {
      if (column > indent && column + 1 + word.length() > width) {
        text.append('\n').append(" ".repeat(indent));
        column = indent;
      }
      text.append(column > indent ? " " : "").append(word);
      column += (column > indent ? 1 : 0) + word.length();
    }
    text.append('\n');
  }

  private static String header(CommandSpec spec) {
    return String.join(" ", spec.usageMessage().header());
  }

  /** By COLUMNS where it is a number, else as wide as the terminal. */
  static int width(Map<String, String> environment, CommandSpec root) {
    String columns = environment.getOrDefault("COLUMNS", "");
    return columns.matches("[1-9][0-9]{0,3}")
        ? Integer.parseInt(columns)
        : root.usageMessage().autoWidth(true).width();
  }
}
