package io.sqlitesafe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole program on the Java that runs the tests; the integration tests run the one that ships.
 */
class PipedInputTest {
  @TempDir Path scratch;

  @Test
  void takesSqlFromAPipe() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.sqlitesafe.cli.Main",
                "write",
                "--create",
                "--format",
                "list",
                scratch.resolve("app.db").toString())
            .redirectErrorStream(true)
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(
          "CREATE TABLE t(a); INSERT INTO t VALUES(7) RETURNING a"
              .getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    String lines = output.lines().filter(l -> !l.startsWith("WARNING")).reduce("", (a, b) -> a + b);
    assertEquals("7", lines);
  }
}
