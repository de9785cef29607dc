package io.sqlitesafe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Whoever adds an option that names a file says here whether it is written; what is written goes
 * through {@code OutputRule}, and tests-integration/outputs tries it.
 */
class OutputOptionsTest {
  /** Options and parameters that name what is written. */
  private static final Set<String> WRITTEN =
      Set.of(
          "access --lock-log",
          "backup --lock-log",
          "backup --metrics",
          "backup DEST",
          "changeset apply --changeset",
          "changeset apply --lock-log",
          "changeset apply --patchset",
          "changeset apply --rebase-out",
          "changeset concat --output",
          "changeset export --lock-log",
          "changeset export --output",
          "changeset invert --output",
          "changeset rebase --output",
          "checkpoint --lock-log",
          "copy --lock-log",
          "copy DEST",
          "journal-mode --lock-log",
          "recover --lock-log",
          "recover --output",
          "restore --lock-log",
          "restore --metrics",
          "restore DB",
          "shell --lock-log",
          "vacuum-into --lock-log",
          "vacuum-into DEST",
          "with-lock --lock-log",
          "write --changeset",
          "write --lock-log",
          "write --patchset");

  /** Those that name what is read, or worked on under the lock. */
  private static final Set<String> READ =
      Set.of(
          "--db", "--file", "--peer", "--rows", "--since", "--using", "BACKUP", "DB", "DIR|DB",
          "FILE");

  @Test
  void everyFileOfTheCommandLineIsKnown() {
    Set<String> written = new TreeSet<>();
    Map<String, String> unknown = new TreeMap<>();
    all("", Cli.commandSpec())
        .forEach(
            named -> {
              String word = named.substring(named.lastIndexOf(' ') + 1);
              if (WRITTEN.contains(named)) {
                written.add(named);
              } else if (!READ.contains(word)) {
                unknown.put(named, "written or read?");
              }
            });
    assertEquals(Map.of(), unknown);
    assertEquals(new TreeSet<>(WRITTEN), written);
  }

  private static Stream<String> all(String prefix, CommandSpec spec) {
    Stream<String> own =
        Stream.concat(spec.options().stream(), spec.positionalParameters().stream())
            .filter(OutputOptionsTest::isFile)
            .map(each -> prefix + name(each));
    return Stream.concat(
        own,
        spec.subcommands().entrySet().stream()
            .flatMap(entry -> below(prefix, entry.getKey(), entry.getValue())));
  }

  private static Stream<String> below(String prefix, String name, CommandLine command) {
    return all(prefix + name + " ", command.getCommandSpec());
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static boolean isFile(ArgSpec argument) {
    boolean path = argument.type() == Path.class;
    for (Class<?> each : argument.auxiliaryTypes()) {
      path |= each == Path.class;
    }
    return path || Set.of("DEST", "FILE", "DIR|DB").contains(argument.paramLabel());
  }
}
