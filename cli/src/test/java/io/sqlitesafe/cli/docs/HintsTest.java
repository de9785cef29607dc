package io.sqlitesafe.cli.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.cli.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Hints speak the command line's words, in the library too: each option and command that a text of
 * the sources names is one of the model. And they have one style: they begin with a small letter
 * and end without a full stop.
 */
class HintsTest {
  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();

  private static final String LITERAL = "\"(?:[^\"\\\\\\n]|\\\\.)*\"";
  private static final Pattern TEXT = Pattern.compile(LITERAL + "(?:\\s*\\+\\s*" + LITERAL + ")*");
  private static final Pattern OPTION =
      Pattern.compile("(?<![\\w-])--[a-z]+(?:-[a-z]+)*(?![\\w*-])");
  private static final Pattern COMMAND =
      Pattern.compile("sqlite-safe ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?");
  private static final Pattern CAPITAL = Pattern.compile("[A-Z][a-z].*");

  /** Options of other programs that the sources call or name. */
  private static final Set<String> FOREIGN =
      Set.of(
          "--attributes-only", // cp
          "--preserve",
          "--reflink",
          "--pdeathsig", // setpriv
          "--enable-native-access"); // java

  /** Words that follow the program's name where they are none of its commands. */
  private static final Set<String> NO_COMMANDS =
      Set.of("itself", "sets", "takes", "inside", "checksum", "changeset-pending");

  private record Found(Path file, String text) {}

  private static List<Path> sources(String module) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(
              file ->
                  !file.toString().contains("/shell/")) // dot-commands have options of their own
          .sorted()
          .toList();
    }
  }

  /** The string constants of a file, put together where they are one text; without comments. */
  private static List<Found> texts(Path file) throws IOException {
    String source = Files.readString(file);
    List<Found> texts = new ArrayList<>();
    Matcher text = TEXT.matcher(source);
    while (text.find()) {
      int line = source.lastIndexOf('\n', text.start()) + 1;
      String before = source.substring(line, text.start()).strip();
      if (!before.startsWith("*") && !before.startsWith("//")) {
        texts.add(new Found(file.getFileName(), joined(text.group())));
      }
    }
    return texts;
  }

  private static String joined(String literals) {
    StringBuilder text = new StringBuilder();
    Matcher literal = Pattern.compile(LITERAL).matcher(literals);
    while (literal.find()) {
      text.append(literal.group(), 1, literal.group().length() - 1);
    }
    return text.toString();
  }

  private static void collect(String prefix, CommandSpec spec, Set<String> names, Set<String> all) {
    spec.options().forEach(option -> all.addAll(List.of(option.names())));
    spec.subcommands()
        .forEach(
            (name, line) -> {
              names.add(prefix + name);
              collect(prefix + name + " ", line.getCommandSpec(), names, all);
            });
  }

  @Test
  void whatTheyNameIsInTheModel() throws IOException {
    Set<String> commands = new TreeSet<>(NO_COMMANDS);
    Set<String> options = new TreeSet<>(FOREIGN);
    collect("", Cli.commandSpec(), commands, options);
    List<String> wrong = new ArrayList<>();
    int seen = 0;
    for (String module : List.of("core", "cli")) {
      for (Path file : sources(module)) {
        for (Found found : texts(file)) {
          Matcher option = OPTION.matcher(found.text());
          while (option.find()) {
            seen++;
            if (!options.contains(option.group())) {
              wrong.add(found.file() + ": " + option.group() + " in: " + found.text());
            }
          }
          Matcher command = COMMAND.matcher(found.text());
          while (command.find()) {
            String two = command.group(1) + " " + command.group(2);
            boolean group = command.group(1).equals("changeset") && command.group(2) != null;
            if (!commands.contains(group ? two : command.group(1))) {
              wrong.add(found.file() + ": " + command.group() + " in: " + found.text());
            }
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(seen > 100, "only " + seen + " options found");
  }

  @Test
  void theyHaveOneStyle() throws IOException {
    List<String> wrong = new ArrayList<>();
    int seen = 0;
    for (String module : List.of("core", "cli")) {
      for (Path file : sources(module)) {
        for (String hint : hints(Files.readString(file))) {
          seen++;
          boolean capital = CAPITAL.matcher(hint).matches() && !hint.startsWith("SQLite");
          boolean stop = hint.endsWith(".") && !hint.endsWith("...");
          if (capital || stop) {
            wrong.add(file.getFileName() + ": " + hint);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(seen > 200, "only " + seen + " hints found");
  }

  /** The third arguments of exceptions, where they begin with text; other parts of them are "?". */
  private static List<String> hints(String source) {
    List<String> hints = new ArrayList<>();
    int at = source.indexOf("new SqliteSafeException(");
    while (at >= 0) {
      List<String> arguments = arguments(source, source.indexOf('(', at));
      if (arguments.size() > 2 && arguments.get(2).startsWith("\"")) {
        String last = arguments.get(2);
        hints.add(joined(last) + (last.endsWith("\"") ? "" : "?"));
      }
      at = source.indexOf("new SqliteSafeException(", at + 1);
    }
    return hints;
  }

  private static List<String> arguments(String source, int open) {
    List<String> arguments = new ArrayList<>();
    Matcher literal = Pattern.compile(LITERAL).matcher(source);
    int depth = 0;
    int begin = open + 1;
    for (int i = open; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '"' && literal.find(i) && literal.start() == i) {
        i = literal.end() - 1;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        arguments.add(source.substring(begin, i).strip());
        return arguments;
      } else if (c == ',' && depth == 1) {
        arguments.add(source.substring(begin, i).strip());
        begin = i + 1;
      }
    }
    return arguments;
  }
}
