package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages: built, installed, used and removed, as packaging/test-packages.sh does it. */
class PackagesIT {
  private static final Path PACKAGING = Cli.module().resolve("../packaging").normalize();

  @Test
  void builtInstalledUsedRemoved() {
    Path image = Cli.launcher().getParent().getParent();
    Result result =
        Program.of("sh", PACKAGING.resolve("test-packages.sh"), image, Cli.LONG ? "--long" : "")
            .run();
    assumeTrue(result.exit() != 77, result.out().strip());
    assertEquals(0, result.exit(), result::toString);
    result.out().lines().filter(line -> line.startsWith("skipped")).forEach(System.out::println);
    for (String step : List.of("built", "deb in a root", "tar: unpacked")) {
      assertTrue(result.out().contains("passed " + step), result::toString);
    }
  }

  @Test
  void scriptsAndTemplatesAreWellFormed() throws IOException {
    for (String script :
        List.of("build.sh", "test-packages.sh", "deb/postinst", "deb/prerm", "build-image.sh")) {
      Program.of("sh", "-n", PACKAGING.resolve(script)).run().exits(0);
    }
    String dockerfile = Files.readString(PACKAGING.resolve("container/Dockerfile"));
    assertTrue(dockerfile.contains("\nUSER ") && dockerfile.contains("\nENTRYPOINT ["), dockerfile);
    assumeTrue(Program.exists("ruby"), "needs ruby, for the formula and the CronJob");
    Program.of("ruby", "-c", PACKAGING.resolve("homebrew/sqlite-safe.rb.in")).run().exits(0);
    Result job =
        Program.of(
                "ruby",
                "-ryaml",
                "-e",
                "job = YAML.load_file(ARGV[0]); pod ="
                    + " job['spec']['jobTemplate']['spec']['template']['spec']; mounts ="
                    + " pod['containers'][0]['volumeMounts'].map { |m| m['name'] }; puts"
                    + " job['kind'], (mounts - pod['volumes'].map { |v| v['name'] }).inspect",
                PACKAGING.resolve("container/cronjob.yaml.in"))
            .run()
            .exits(0);
    assertEquals("CronJob\n[]\n", job.out());
  }
}
