package io.sqlitesafe.it.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A program to be run: words, environment, directory, input. */
public final class Program {
  private final List<String> words;
  private final Map<String, String> environment = new TreeMap<>();
  private byte[] input = {};
  private Path inputFile;
  private Path directory;

  private Program(List<String> words) {
    this.words = words;
  }

  public static Program of(Object... words) {
    return new Program(new ArrayList<>(Arrays.stream(words).map(String::valueOf).toList()));
  }

  /** The same words behind others, for wrappers such as {@code strace}. */
  public Program behind(List<String> wrapper) {
    words.addAll(0, wrapper);
    return this;
  }

  public Program with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public Program in(Path value) {
    directory = value;
    return this;
  }

  public Program input(String text) {
    return input(text.getBytes(StandardCharsets.UTF_8));
  }

  public Program input(byte[] bytes) {
    input = bytes;
    return this;
  }

  public Program inputFrom(Path file) {
    inputFile = file;
    return this;
  }

  /** Starts it, gives it its input, and waits for its end. */
  public Result run() {
    try (Running running = start()) {
      running.give(input);
      running.closeInput();
      return running.await();
    }
  }

  /** Starts it, its input left open. */
  public Running start() {
    ProcessBuilder builder = new ProcessBuilder(withDefaultSignals());
    builder.environment().putAll(environment);
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    if (inputFile != null) {
      builder.redirectInput(inputFile.toFile());
    }
    try {
      return new Running(words, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Signals that the test runner was started with ignored (nohup, a script's background) would be
   * ignored by its children too, and nothing would end them.
   */
  private List<String> withDefaultSignals() {
    if (!SignalsIgnored.ANY) {
      return words;
    }
    List<String> all = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,QUIT,TERM"));
    all.addAll(words);
    return all;
  }

  private static final class SignalsIgnored {
    private static final long HUP_INT_QUIT_TERM = 1 | 2 | 4 | 1 << 14;
    static final boolean ANY = any();

    private static boolean any() {
      try (var lines = Files.lines(Path.of("/proc/self/status"))) {
        return lines
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(
                line ->
                    (Long.parseUnsignedLong(line.substring(7).strip(), 16) & HUP_INT_QUIT_TERM)
                        != 0);
      } catch (IOException | UncheckedIOException notLinux) {
        return false;
      }
    }
  }

  /** Whether {@code name} is an executable on the PATH. */
  public static boolean exists(String name) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }
}
