package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs {@code integrity-check} with a scratch directory of its own, in which nothing may be left.
 *
 * @param place where the databases are
 */
public record Checking(Path place, Path scratch) {
  public static Checking in(Path directory) {
    try {
      return new Checking(
          Files.createDirectory(directory.resolve("with the database")),
          Files.createDirectory(directory.resolve("scratch")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Program command(Object... files) {
    List<Object> all = new ArrayList<>(List.of("integrity-check", "--json"));
    all.addAll(Arrays.asList(files));
    return Cli.command(all.toArray()).with("TMPDIR", scratch.toString());
  }

  public Verdicts check(int exit, Object... files) {
    Verdicts verdicts = new Verdicts(command(files).run().exits(exit));
    assertScratchIsEmpty();
    return verdicts;
  }

  public void assertScratchIsEmpty() {
    try (Stream<Path> left = Files.list(scratch)) {
      assertEquals(List.of(), left.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files are being decompressed. */
  public boolean scratchHasFiles(int count) {
    try (Stream<Path> files = Files.walk(scratch)) {
      return files.filter(Files::isRegularFile).count() >= count;
    } catch (IOException | UncheckedIOException vanishing) {
      return false;
    }
  }
}
