package io.sqlitesafe.cli.completion;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What the scripts need of picocli's model: no hidden items, texts cut to one plain line. */
record CompletionModel(String program, Command root) {
  /** The command whose positional parameters after the first are another program's command line. */
  private static final String RUNS_A_COMMAND = "with-lock";

  /** Names and values are written into the scripts as they are. */
  private static final Pattern PLAIN = Pattern.compile("[\\w.,:+/@%=-]+");

  private static final int LONG = 60;

  /** Where the main part of a text ends: a colon or semicolon, or the bracket around it. */
  private static final Pattern ASIDE = Pattern.compile("[:;] | \\([^)]*[:;] ");

  private static final Pattern SENTENCE_END = Pattern.compile("\\.\\s+(?=\\p{Lu})|\\.?$|\\R");

  enum Kind {
    FLAG,
    WORDS,
    FILE,
    COMMAND_LINE,
    ANY
  }

  /** What may stand in one place; {@code words} only with {@link Kind#WORDS}. */
  record Value(Kind kind, List<String> words) {
    static Value of(Kind kind) {
      return new Value(kind, List.of());
    }

    static Value of(Iterable<String> words) {
      List<String> list = new ArrayList<>();
      words.forEach(word -> list.add(plain(word)));
      return new Value(Kind.WORDS, List.copyOf(list));
    }
  }

  record Option(
      List<String> names, String summary, String label, Value value, boolean repeatable) {}

  /** A positional parameter at the places {@code first} to {@code last}, counted from 0. */
  record Argument(int first, int last, String label, Value value) {
    boolean isLast() {
      return last == Integer.MAX_VALUE;
    }
  }

  /** {@code path}: the words that lead here from the root, joined by spaces; empty for the root. */
  record Command(
      String path,
      String summary,
      List<Command> subcommands,
      List<Option> options,
      List<Argument> arguments) {
    String name() {
      return path.substring(path.lastIndexOf(' ') + 1);
    }

    /** This command and all below it, parents first. */
    Stream<Command> all() {
      return Stream.concat(Stream.of(this), subcommands.stream().flatMap(Command::all));
    }
  }

  static CompletionModel of(CommandSpec spec) {
    return new CompletionModel(plain(spec.name()), command(spec, ""));
  }

  List<Command> commands() {
    return root.all().toList();
  }

  /**
   * What each option takes. The key is the option's name where every command that has it agrees,
   * else the command's path, a space and the name.
   */
  Map<String, Value> optionValues() {
    Map<String, Map<String, Value>> byName = new LinkedHashMap<>();
    for (Command command : commands()) {
      for (Option option : command.options) {
        for (String name : option.names) {
          byName.computeIfAbsent(name, n -> new LinkedHashMap<>()).put(command.path, option.value);
        }
      }
    }
    Map<String, Value> result = new LinkedHashMap<>();
    byName.forEach(
        (name, byPath) -> {
          Set<Value> values = new LinkedHashSet<>(byPath.values());
          if (values.size() == 1) {
            result.put(name, values.iterator().next());
          } else {
            byPath.forEach((path, value) -> result.put(path + " " + name, value));
          }
        });
    return result;
  }

  /** Each distinct item with the paths of the commands that have it. */
  <T> Map<T, List<String>> distinct(Function<Command, List<T>> items) {
    Map<T, List<String>> result = new LinkedHashMap<>();
    for (Command command : commands()) {
      for (T item : items.apply(command)) {
        result.computeIfAbsent(item, i -> new ArrayList<>()).add(command.path);
      }
    }
    return result;
  }

  private static Command command(CommandSpec spec, String path) {
    List<Command> subcommands = new ArrayList<>();
    for (CommandSpec child : visible(spec)) {
      subcommands.add(command(child, (path + " " + plain(child.name())).strip()));
    }
    return new Command(
        path,
        summary(spec.usageMessage().header(), spec.usageMessage().description()),
        List.copyOf(subcommands),
        options(spec),
        arguments(spec));
  }

  /** The subcommands to show, each once (picocli's map has their aliases too). */
  private static Set<CommandSpec> visible(CommandSpec spec) {
    Set<CommandSpec> result = new LinkedHashSet<>();
    spec.subcommands().values().forEach(line -> result.add(line.getCommandSpec()));
    result.removeIf(child -> child.usageMessage().hidden());
    return result;
  }

  private static List<Option> options(CommandSpec spec) {
    List<Option> result = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (option.hidden()) {
        continue;
      }
      String summary = summary(option.description());
      boolean flag = option.arity().max() == 0;
      Value value = flag ? Value.of(Kind.FLAG) : value(option);
      List<String> names = Stream.of(option.names()).map(CompletionModel::plain).toList();
      result.add(new Option(names, summary, label(option), value, option.isMultiValue()));
      List<String> negated = new ArrayList<>();
      spec.negatedOptionsMap()
          .forEach(
              (name, of) -> {
                if (of.equals(option)) {
                  negated.add(plain(name));
                }
              });
      if (!negated.isEmpty()) {
        result.add(new Option(negated, summary, "", value, false));
      }
    }
    return List.copyOf(result);
  }

  private static List<Argument> arguments(CommandSpec spec) {
    List<Argument> result = new ArrayList<>();
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      int first = parameter.index().min();
      int last = parameter.index().max();
      Value value = value(parameter);
      CommandSpec parent = spec.parent();
      if (spec.name().equals(RUNS_A_COMMAND) && first > 0) {
        value = Value.of(Kind.COMMAND_LINE);
        last = Integer.MAX_VALUE;
      } else if (spec.name().equals("help") && parent != null && value.kind == Kind.ANY) {
        value = Value.of(visible(parent).stream().map(CommandSpec::name).toList());
      }
      result.add(new Argument(first, last, label(parameter), value));
    }
    result.sort(Comparator.comparingInt(Argument::first));
    return List.copyOf(result);
  }

  private static Value value(ArgSpec arg) {
    Iterable<String> candidates = arg.completionCandidates();
    if (candidates != null && candidates.iterator().hasNext()) {
      return Value.of(candidates);
    }
    boolean path =
        Stream.concat(Stream.of(arg.type()), Arrays.stream(arg.auxiliaryTypes()))
            .anyMatch(type -> type == Path.class || type == File.class);
    return Value.of(path ? Kind.FILE : Kind.ANY);
  }

  private static String label(ArgSpec arg) {
    String label = arg.paramLabel().replaceAll("[^\\w=|-]+", " ").strip();
    return label.isEmpty() ? "VALUE" : label;
  }

  /** The first sentence of the first text that is not empty; of a long one the main part. */
  private static String summary(String[]... texts) {
    for (String[] lines : texts) {
      for (String line : lines) {
        String text = SENTENCE_END.split(Ansi.OFF.string(line).strip(), 2)[0].strip();
        if (!text.isEmpty()) {
          return text.length() > LONG ? ASIDE.split(text, 2)[0] : text;
        }
      }
    }
    return "";
  }

  private static String plain(String word) {
    if (!PLAIN.matcher(word).matches()) {
      throw new IllegalArgumentException("not fit for a completion script: '" + word + "'");
    }
    return word;
  }
}
