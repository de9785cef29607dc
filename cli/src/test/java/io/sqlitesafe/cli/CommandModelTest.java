package io.sqlitesafe.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
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

  @ParameterizedTest
  @MethodSource("commands")
  void coversTheContractsExitCodes(String name) {
    if (name.equals("help")) {
      return;
    }
    String codes = spec(name).usageMessage().exitCodeList().keySet().toString();
    for (io.sqlitesafe.error.ErrorKind kind : io.sqlitesafe.error.ErrorKind.values()) {
      assertTrue(codes.contains(Integer.toString(kind.exitCode())), kind.id());
    }
  }
}
