package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Python;
import io.sqlitesafe.it.kit.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What beside this module's Java has tests of its own: the other participant and the model. */
class OwnTestsIT {
  @Test
  void participant() {
    assumeTrue(Program.exists("python3"), "python3 is not installed");
    Result result = Program.of("python3", "-B", "-m", "unittest", "-q").in(Python.folder()).run();
    assertEquals(0, result.exit(), result::toString);
    assertTrue(result.err().contains("Ran ") && !result.err().contains("Ran 0 "), result::toString);
  }

  /** That the rules of the torture find what is broken, and that wrong locks are found out. */
  @Test
  void torture() {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/python3")) && Program.exists("python3"),
        "python3 is not installed");
    Program tests = Program.of("python3", "-B", "-m", "unittest", "-v", "test_torture");
    Result result = tests.in(Cli.module().resolve("torture")).run();
    assertEquals(0, result.exit(), result::toString);
    assertTrue(result.err().contains("Ran ") && !result.err().contains("Ran 0 "), result::toString);
  }

  /** The plots of the benchmarks' report are drawn from its tables. */
  @Test
  void plots() {
    assumeTrue(Program.exists("python3"), "python3 is not installed");
    Result result =
        Program.of("python3", "-B", Cli.module().resolve("bench/plots.py"), "--check").run();
    assertEquals(0, result.exit(), result::toString);
  }

  /** Both commands of the README, where no locale is set: for as long as they take. */
  @Test
  void aFreshMachine() {
    assumeTrue(Cli.LONG, "takes as long as all tests: -Dsqlitesafe.long=true");
    assumeTrue(!Files.exists(Path.of("/etc/fresh-machine")), "this is that machine");
    Result result = Program.of("sh", Cli.module().resolve("fresh-machine.sh")).run();
    assumeTrue(result.exit() != 77, result.out().strip());
    assertEquals(0, result.exit(), result::toString);
  }

  @Test
  void model() {
    String runs = Cli.LONG ? "--long" : "--short";
    Result result = Program.of("sh", Cli.module().resolve("model/run-model.sh"), runs).run();
    assumeTrue(result.exit() != 77, result.out().strip());
    assertEquals(0, result.exit(), result::toString);
    assertTrue(result.out().matches("(?s).*[1-9]\\d* passed, 0 failed\\s*"), result::toString);
  }
}
