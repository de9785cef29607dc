package io.sqlitesafe.cli.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.cli.Cli;
import io.sqlitesafe.cli.completion.CompletionScript;
import io.sqlitesafe.cli.completion.SampleSpec;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;

/** The files in man/ and completions/ are what the command model gives. */
class GeneratedDocsTest {
  private static final String REGENERATE =
      "mvn -pl cli -am test -Dtest=GeneratedDocsTest -Dsurefire.failIfNoSpecifiedTests=false"
          + " -Dsqlitesafe.regenerate=true";

  private static final Path ROOT =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().getParent();

  /** The real program's. */
  private static CommandSpec model() {
    return Cli.commandSpec();
  }

  private static Map<Path, String> files() {
    CommandSpec model = model();
    Map<Path, String> files = new TreeMap<>();
    Path completions = ROOT.resolve("completions");
    files.put(completions.resolve(model.name() + ".bash"), CompletionScript.bash(model));
    files.put(completions.resolve("_" + model.name()), CompletionScript.zsh(model));
    files.put(completions.resolve(model.name() + ".fish"), CompletionScript.fish(model));
    ManPage.all(model).forEach((name, text) -> files.put(ROOT.resolve("man").resolve(name), text));
    return files;
  }

  @Test
  void committedFilesAreWhatTheModelGives() throws IOException {
    Map<Path, String> files = files();
    if (Boolean.getBoolean("sqlitesafe.regenerate")) {
      for (Path stale : stale(files)) {
        Files.delete(stale);
      }
      for (Map.Entry<Path, String> file : files.entrySet()) {
        Files.createDirectories(file.getKey().getParent());
        Files.writeString(file.getKey(), file.getValue());
      }
    }
    assertEquals(List.of(), stale(files), "pages of commands that are gone; run: " + REGENERATE);
    for (Map.Entry<Path, String> file : files.entrySet()) {
      String committed =
          Files.exists(file.getKey()) ? Files.readString(file.getKey()) : "(missing)";
      assertEquals(
          file.getValue(),
          committed,
          ROOT.relativize(file.getKey()) + " is out of date; run: " + REGENERATE);
    }
  }

  /** Man pages of commands that are no more. */
  private static List<Path> stale(Map<Path, String> files) throws IOException {
    try (Stream<Path> pages = Files.list(ROOT.resolve("man"))) {
      return pages
          .filter(page -> page.getFileName().toString().matches("sqlite-safe.*\\.1"))
          .filter(page -> !files.containsKey(page))
          .sorted()
          .toList();
    }
  }

  @Test
  void theSameModelGivesTheSameFiles() {
    assertEquals(files(), files());
  }

  @Test
  void manPagesPassTheCheckers() throws Exception {
    List<List<String>> checkers = new ArrayList<>();
    checkers.add(List.of("mandoc", "-T", "lint", "-W", "warning"));
    checkers.add(List.of("groff", "-t", "-man", "-ww", "-z", "-Tutf8", "-rLL=78n"));
    checkers.removeIf(checker -> !installed(checker.get(0)));
    if (checkers.isEmpty()) {
      System.out.println("man pages not checked: neither mandoc nor groff is installed");
    }
    assumeTrue(!checkers.isEmpty(), "neither mandoc nor groff is installed");
    Map<String, String> pages = new TreeMap<>(ManPage.all(model()));
    ManPage.all(SampleSpec.root()).forEach((name, page) -> pages.put("sample " + name, page));
    pages.put("nightly", Files.readString(ROOT.resolve("man/nightly-backup.1")));
    pages.put("protocol", Files.readString(ROOT.resolve("man/sqlite-safe-lock.7")));
    for (List<String> checker : checkers) {
      for (Map.Entry<String, String> page : pages.entrySet()) {
        assertEquals("", output(checker, page.getValue()), page.getKey());
      }
    }
  }

  @Test
  void specialCharactersSurvive() throws Exception {
    assumeTrue(installed("mandoc"), "mandoc is not installed");
    String page = ManPage.all(SampleSpec.root()).getOrDefault("sqlite-safe-write.1", "");
    String text = output(List.of("mandoc", "-T", "utf8", "-O", "width=78"), page);
    text = text.replaceAll(".\b", ""); // overstruck for bold and underlined
    for (String expected :
        List.of(
            "Paths like C:\\temp and .hidden 'quoted' \"names\" survive.",
            "$ sqlite-safe write app.db \"INSERT INTO t VALUES('a\\b')\"",
            ".starts with a dot",
            "it's fine [really]: make 100% new",
            "-f, --file=FILE")) {
      assertTrue(text.contains(expected), () -> expected + " not in:\n" + page);
    }
  }

  private static String output(List<String> command, String input) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.outputWriter(UTF_8).append(input).close();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  private static boolean installed(String program) {
    return Arrays.stream(System.getenv("PATH").split(Pattern.quote(File.pathSeparator)))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
