package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No output takes the place of a database, of what belongs to it, of an input, a device or a file
 * of the system, by whatever name: {@code outputs/try_outputs.py}. All names with all commands with
 * -Dsqlitesafe.long=true.
 */
class OutputsIT {
  @TempDir Path directory;

  @Test
  void nothingComesToHarmByAnyNameOfAnOutput() {
    Map<String, Object> result = tried(Cli.LONG ? List.of("--all") : List.of());
    assertEquals(List.of(), result.get("harm"), result::toString);
    assertTrue((Long) result.get("names") >= 300, result::toString);
    assertTrue((Long) result.get("refused") > 500, result::toString);
  }

  /** A trial that finds no harm says nothing unless it would find some. */
  @Test
  void harmIsFound() {
    Map<String, Object> result = tried(List.of("--harmful"));
    long spoilt = (Long) result.get("spoilt");
    assertTrue(spoilt > 5, result::toString);
    assertEquals(spoilt, ((List<?>) result.get("harm")).size(), result::toString);
  }

  private Map<String, Object> tried(List<String> more) {
    List<String> own = List.of("unshare", "--mount", "--uts");
    assumeTrue(Privileges.root(), "device files can only be made by root");
    assumeTrue(
        Program.exists("unshare") && Program.of("true").behind(own).run().exit() == 0,
        "no mount namespace of its own can be made here (unshare)");
    Path script = Cli.module().resolve("outputs/try_outputs.py");
    List<Object> words = new ArrayList<>(List.of("python3", "-B", script));
    words.addAll(List.of("--launcher", Cli.launcher(), "--work", directory));
    words.addAll(more);
    return Program.of(words.toArray()).behind(own).run().json();
  }
}
