package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory as it was: every file's content and time, and the time of the directory itself, which
 * changes when a file is made or removed, if only for a moment.
 */
public final class Untouched {
  private final Path directory;
  private final boolean withSharedMemory;
  private final Map<String, String> before;

  private Untouched(Path directory, boolean withSharedMemory) {
    this.directory = directory;
    this.withSharedMemory = withSharedMemory;
    this.before = state();
  }

  public static Untouched of(Path directory) {
    return new Untouched(directory, true);
  }

  /**
   * Without looking into {@code -shm}, in which every reader of a live database leaves its mark.
   */
  public static Untouched apartFromReaders(Path directory) {
    return new Untouched(directory, false);
  }

  public void check() {
    assertEquals(before, state());
  }

  private Map<String, String> state() {
    Map<String, String> state = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      state.put(".", Files.getLastModifiedTime(directory).toString());
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        boolean readers = name.endsWith("-shm") && !withSharedMemory;
        state.put(
            name,
            readers || Files.isDirectory(file)
                ? "there"
                : Db.sha256(file) + " " + Files.getLastModifiedTime(file));
      }
      return state;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
