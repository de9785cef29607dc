package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs README.md, the recipes and each page of docs: in blocks fenced as {@code console}, a line
 * that starts with "$ " is a command, and the lines after it are what it prints. "…" stands for
 * anything within a line, or alone for any lines; a last line "[exit N]" for an exit status other
 * than 0. A comment "&lt;!-- $ COMMAND --&gt;" prepares what a reader would find. What a test
 * cannot do (another host, a service) is fenced as {@code sh}: it is only read by a shell.
 */
class ReadmeIT {
  private static final Pattern EXIT = Pattern.compile("\\[exit (\\d+)]");
  private static final Pattern SETUP = Pattern.compile("<!-- \\$ (.*) -->");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w*)$(.*?)^```$");
  private static final String ANY = "…";
  private static final Path ROOT = Cli.module().resolve("..").normalize();

  @TempDir Path directory;

  private record Example(int line, String command, List<String> output, int exit) {}

  /** Names below the project's directory. */
  static List<String> documents() throws IOException {
    List<String> documents = new ArrayList<>(List.of("README.md", "RECIPES.md"));
    try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
      pages
          .filter(page -> page.toString().endsWith(".md"))
          .sorted()
          .forEach(page -> documents.add(ROOT.relativize(page).toString()));
    }
    return documents;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyCommandPrintsWhatItSays(String document) throws IOException {
    List<Example> examples = examples(ROOT.resolve(document));
    if (!document.equals("docs/glossary.md")) {
      assertFalse(examples.isEmpty(), "no commands in " + document);
    }
    for (Example example : examples) {
      Result result =
          Program.of("sh", "-c", example.command() + "\n")
              .behind(List.of("sh", "-c", "exec 2>&1; exec \"$@\"", "sh"))
              .with("PATH", path())
              .in(directory)
              .run();
      String where = document + " line " + example.line() + ": ";
      assertEquals(example.exit(), result.exit(), () -> where + result);
      assertTrue(
          pattern(example.output()).matcher(result.out().replace("\r\n", "\n")).matches(),
          () -> where + "expected\n" + String.join("\n", example.output()) + "\nbut " + result);
    }
  }

  /** A block that is neither run nor read by a shell may be of these kinds. */
  @ParameterizedTest
  @MethodSource("documents")
  void everyBlockIsRunOrRead(String document) throws IOException {
    String text = Files.readString(ROOT.resolve(document));
    Matcher fence = FENCE.matcher(text);
    while (fence.find()) {
      String kind = fence.group(1);
      assertTrue(
          List.of("console", "sh", "text", "java", "json").contains(kind),
          () -> document + " has a block of kind \"" + kind + "\"");
      if (kind.equals("sh")) {
        Result read = Program.of("sh", "-n").input(fence.group(2)).run();
        assertEquals(0, read.exit(), () -> document + ": " + read);
      }
    }
  }

  /** The program's own directory, and that of the script that the packages put beside it. */
  private static String path() {
    return Objects.requireNonNull(Cli.launcher().getParent())
        + ":"
        + ROOT.resolve("packaging/samples")
        + ":"
        + System.getenv("PATH");
  }

  private static List<Example> examples(Path readme) throws IOException {
    List<Example> examples = new ArrayList<>();
    boolean inside = false;
    int number = 0;
    for (String line : Files.readAllLines(readme)) {
      number++;
      var setup = SETUP.matcher(line);
      if (setup.matches()) {
        examples.add(new Example(number, setup.group(1), new ArrayList<>(), 0));
      } else if (line.startsWith("```")) {
        inside = line.equals("```console");
      } else if (inside && line.startsWith("$ ")) {
        examples.add(new Example(number, line.substring(2), new ArrayList<>(), 0));
      } else if (inside && !examples.isEmpty()) {
        addLine(examples, line);
      }
    }
    return examples;
  }

  private static void addLine(List<Example> examples, String line) {
    int index = examples.size() - 1;
    Example last = examples.get(index);
    var exit = EXIT.matcher(line);
    if (line.startsWith("> ")) { // the shell's prompt for more of a command
      String command = last.command() + "\n" + line.substring(2);
      examples.set(index, new Example(last.line(), command, last.output(), last.exit()));
    } else if (exit.matches()) {
      int status = Integer.parseInt(exit.group(1));
      examples.set(index, new Example(last.line(), last.command(), last.output(), status));
    } else {
      last.output().add(line);
    }
  }

  private static Pattern pattern(List<String> lines) {
    StringBuilder regex = new StringBuilder();
    for (String line : lines) {
      if (line.equals(ANY)) {
        regex.append("(?:.*\n)*");
        continue;
      }
      String[] parts = line.split(ANY, -1);
      for (int i = 0; i < parts.length; i++) {
        regex.append(i == 0 ? "" : ".*").append(Pattern.quote(parts[i]));
      }
      regex.append("\n");
    }
    return Pattern.compile(regex.toString());
  }
}
