package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a small write loads, in classes: most of such a command is its start, and this figure of it
 * does not depend on the machine. Who comes above a ceiling has put something on the way of every
 * short command; see packaging/README.md for what that costs and how to avoid it.
 */
class StartupIT {
  /** A few always are: the JDK makes some classes as it goes, and some cannot be archived. */
  private static final int OUTSIDE = 8;

  /**
   * The archive takes in whatever its training commands load, so that it would hide any growth:
   * with linked classes all of it is loaded at each start.
   */
  private static final int ALL = 2_152;

  private static final String ARCHIVED = "source: shared objects file";

  @TempDir Path directory;

  private List<String> classesOf(String option, Object... words) throws IOException {
    Path log = directory.resolve("classes");
    Files.deleteIfExists(log);
    Cli.command(words)
        .with("SQLITE_SAFE_JAVA_OPTS", "-Xlog:class+load:file=" + log + " " + option)
        .run()
        .exits(0);
    return Files.readAllLines(log);
  }

  @Test
  void aWriteLoadsNextToNothingOutsideOfTheArchive() throws IOException {
    Path image = Cli.launcher().resolveSibling("../runtime").normalize();
    assumeTrue(Files.isDirectory(image), "the program has no runtime of its own: no archive");
    Path db = Db.create(directory, "a.db", "CREATE TABLE log(line TEXT)");
    Object[] write = {
      "write", db, "INSERT INTO log VALUES(:line)", "--param", "line=x", "--json", "--wait", "1m"
    };
    List<String> classes = classesOf("-Dx=1", write);
    List<String> outside = classes.stream().filter(line -> !line.contains(ARCHIVED)).toList();
    assertTrue(
        outside.size() <= OUTSIDE,
        () -> outside.size() + " classes outside:\n" + String.join("\n", outside));
    assertTrue(classes.size() <= ALL, () -> classes.size() + " classes in all");

    // The figures are what they are taken for.
    assertTrue(classes.stream().anyMatch(line -> line.contains(" io.sqlitesafe.WriteOperation ")));
    List<String> without = classesOf("-Xshare:off", write);
    assertEquals(0, without.stream().filter(line -> line.contains(ARCHIVED)).count());
    assertTrue(without.size() > 100 * OUTSIDE, () -> without.size() + " without an archive");
  }
}
