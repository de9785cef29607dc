package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
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
    List<String> own = List.of("unshare", "--mount", "--uts");
    assumeTrue(Privileges.root(), "device files can only be made by root");
    assumeTrue(
        Program.exists("unshare") && Program.of("true").behind(own).run().exit() == 0,
        "no mount namespace of its own can be made here (unshare)");
    Program tries =
        Program.of(
            "python3",
            "-B",
            Cli.module().resolve("outputs/try_outputs.py"),
            "--launcher",
            Cli.launcher(),
            "--work",
            directory);
    if (Cli.LONG) {
      tries =
          Program.of(
              "python3",
              "-B",
              Cli.module().resolve("outputs/try_outputs.py"),
              "--launcher",
              Cli.launcher(),
              "--work",
              directory,
              "--all");
    }
    Map<String, Object> result = tries.behind(own).run().json();
    assertEquals(List.of(), result.get("harm"), result::toString);
    assertTrue((Long) result.get("names") >= 300, result::toString);
    assertTrue((Long) result.get("refused") > 500, result::toString);
  }
}
