package io.sqlitesafe.it.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What every run of the program in these tests has to keep, whatever the test is about: each JSON
 * object that it prints is as {@code capabilities --schemas} says, and its exit status is one that
 * the command's help and manual name.
 */
public final class Contract {
  /** Of a long output, the first lines and the last. */
  private static final int MOST_LINES = 100;

  private static final int KILLED = 137;

  /** Commands that may exit with another program's status, or with one that they are told. */
  private static final Set<String> ANY_STATUS = Set.of("with-lock", "shell");

  private Contract() {}

  /** Requires it of the program's output; other programs' lines are none of its types. */
  public static void check(Result result) {
    List<String> problems = new ArrayList<>();
    if (result.command().stream().anyMatch(word -> word.contains("sqlite-safe"))) {
      lines(result.out(), problems);
      lines(result.err(), problems);
    }
    if (result.command().get(0).equals(Cli.launcherName()) && result.exit() != KILLED) {
      status(result, problems);
    }
    if (!problems.isEmpty()) {
      throw new AssertionError("against the contract: " + problems + "\n" + result);
    }
  }

  private static void status(Result result, List<String> problems) {
    CommandSpec spec = io.sqlitesafe.cli.Cli.commandSpec();
    StringBuilder name = new StringBuilder();
    for (String word : result.command().subList(1, result.command().size())) {
      CommandLine below = spec.subcommands().get(word);
      if (below == null) {
        break;
      }
      spec = below.getCommandSpec();
      name.append(word).append(' ');
    }
    Set<String> known = spec.usageMessage().exitCodeList().keySet();
    if (!ANY_STATUS.contains(spec.name()) && !known.contains(Integer.toString(result.exit()))) {
      problems.add("the help of " + name + "has no exit status " + result.exit());
    }
  }

  private static void lines(String text, List<String> problems) {
    if (!text.contains("{\"type\":\"")) {
      return;
    }
    // A program that is killed may end in the middle of a line.
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      boolean shown = i < MOST_LINES || i >= lines.size() - MOST_LINES;
      if (shown && line.startsWith("{\"type\":\"")) {
        object(Json.object(line), problems);
      }
    }
  }

  private static void object(Map<String, Object> printed, List<String> problems) {
    problems.addAll(Schemas.problems(printed));
    if ("answer".equals(printed.get("type"))) {
      for (String name : List.of("output", "notes")) {
        for (Object each : (List<?>) printed.getOrDefault(name, List.of())) {
          problems.addAll(Schemas.problems(Schemas.map(each)));
        }
      }
    }
  }
}
