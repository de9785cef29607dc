package io.sqlitesafe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.error.ErrorKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Whatever the command line offers is described in the man page and in the completions, and README
 * names each command.
 */
class CommandModelTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  static Stream<String> commands() {
    return below("", Cli.commandSpec());
  }

  /** Names of one word or two. */
  private static Stream<String> below(String prefix, CommandSpec parent) {
    return parent.subcommands().entrySet().stream()
        .flatMap(
            entry ->
                Stream.concat(
                    Stream.of(prefix + entry.getKey()),
                    below(prefix + entry.getKey() + " ", entry.getValue().getCommandSpec())));
  }

  private static CommandSpec spec(String name) {
    CommandSpec spec = Cli.commandSpec();
    for (String word : name.split(" ")) {
      Map<String, CommandLine> all = spec.subcommands();
      spec = Objects.requireNonNull(all.get(word)).getCommandSpec();
    }
    return spec;
  }

  @ParameterizedTest
  @MethodSource("commands")
  void isDescribed(String name) throws IOException {
    CommandSpec spec = spec(name);
    assertTrue(spec.usageMessage().header().length > 0, "header");
    assertTrue(spec.usageMessage().description().length > 0, "description");
    if (!name.equals("help")) {
      assertFalse(spec.usageMessage().exitCodeList().isEmpty(), "exit codes");
      assertTrue(String.join("\n", spec.usageMessage().footer()).contains("  $ "), "example");
    }
    String page = "man/sqlite-safe-" + name.replace(' ', '-') + ".1";
    String man = Files.readString(ROOT.resolve(page));
    String readme = Files.readString(ROOT.resolve("README.md"));
    String completion = Files.readString(ROOT.resolve("completions/sqlite-safe.bash"));
    assertTrue(readme.contains("(" + page + ")"), "README links to " + page);
    for (OptionSpec option : spec.options()) {
      assertTrue(option.description().length > 0, option.longestName());
      assertTrue(
          man.contains(option.longestName().replace("-", "\\-")), "man: " + option.longestName());
      assertTrue(completion.contains(option.longestName()), "completion: " + option.longestName());
    }
  }

  /** The table of all statuses is that of help for the program; each command has its part of it. */
  @Test
  void theTableOfExitStatusesIsTheContracts() {
    Set<String> codes = CommonOptions.allExitCodes().keySet();
    for (ErrorKind kind : ErrorKind.values()) {
      assertTrue(codes.contains(Integer.toString(kind.exitCode())), kind.id());
    }
    assertEquals(codes, Cli.commandSpec().usageMessage().exitCodeList().keySet());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void namesOnlyStatusesThatItCanGive(String name) {
    Set<String> codes = spec(name).usageMessage().exitCodeList().keySet();
    assertTrue(codes.containsAll(Set.of("0", "2", "70", "130", "143")), codes::toString);
    assertEquals(name.equals("with-lock"), codes.contains("127"), "127 is with-lock's");
    boolean ofChangeset = name.startsWith("changeset ") || name.equals("batch");
    assertTrue(
        ofChangeset || List.of("write", "shell").contains(name) || !codes.contains("13"),
        "13 is for preconditions");
  }

  @Test
  void everyCommandIsInOneGroup() {
    List<String> grouped = CommandGroups.all().values().stream().flatMap(List::stream).toList();
    Set<String> names = Cli.commandSpec().subcommands().keySet();
    assertEquals(grouped.size(), Set.copyOf(grouped).size(), "one group each");
    assertEquals(Set.copyOf(names), Set.copyOf(grouped));
    assertEquals(grouped, List.copyOf(names), "the order of the model is that of the groups");
  }

  @Test
  void readmeHasTheGroups() throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve("README.md"));
    CommandGroups.all()
        .forEach(
            (group, names) -> {
              String row =
                  lines.stream()
                      .filter(l -> l.startsWith("| " + group + " |"))
                      .findFirst()
                      .orElse("");
              names.forEach(
                  name -> assertTrue(row.contains("[`" + name + "`]"), group + ": " + name));
            });
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpHasOwnOptionsFirstAndExamplesToPaste(String name) {
    String help = HelpText.of(spec(name), "sqlite-safe " + name, 80);
    for (String line : spec(name).usageMessage().footer()) {
      assertTrue(help.contains("\n" + line + "\n") || line.equals("Examples:"), line);
    }
    for (String line : help.lines().toList()) {
      boolean pasted =
          line.startsWith("  $ ") || line.startsWith("Usage") || line.startsWith("    ");
      assertTrue(line.length() <= 80 || pasted, line);
    }
    int common = help.indexOf("Common options, see sqlite-safe(1)");
    assertEquals(spec(name).optionsMap().containsKey("--help"), common > 0);
    assertFalse(help.contains("\n      --json"), "a common option has no paragraph of its own");
  }

  /** The table "command, its tests" names each command, and tests that are there. */
  @ParameterizedTest
  @MethodSource("commands")
  void hasTestsInTheTable(String name) throws IOException {
    Path folder = ROOT.resolve("tests-integration");
    String row =
        Files.readAllLines(folder.resolve("README.md")).stream()
            .filter(line -> line.startsWith("| `" + name + "` |"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no row for " + name));
    Set<String> tests = new TreeSet<>();
    Matcher test = Pattern.compile("\\b[A-Z]\\w+IT\\b").matcher(row);
    while (test.find()) {
      tests.add(test.group() + ".java");
    }
    assertFalse(tests.isEmpty(), row);
    try (Stream<Path> files = Files.walk(folder.resolve("src/test/java"))) {
      files.forEach(file -> tests.remove(String.valueOf(file.getFileName())));
    }
    assertEquals(Set.of(), tests, "no such tests");
  }
}
