package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives a file the POSIX ACL of another. Java cannot read one (acl(5)), and shows the mask of it as
 * what the group may do: a file with the same permissions and without the ACL would let the group
 * do more. So the system's {@code cp} does it, where it knows how, as GNU's does.
 */
final class AccessControlList {
  private static final List<Path> PROGRAMS = List.of(Path.of("/bin/cp"), Path.of("/usr/bin/cp"));

  private AccessControlList() {}

  /**
   * Copies permissions and ACL, but not the content.
   *
   * @throws IOException where that failed; not where this system has no program for it
   */
  static void copy(Path from, Path to) throws IOException {
    Path program = program();
    if (program == null) {
      return;
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--attributes-only",
                "--preserve=mode",
                "--",
                from.toAbsolutePath().toString(),
                to.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (exitStatus(process) != 0 && !isUnknown(said)) {
      throw new IOException("its ACL: " + said.strip());
    }
  }

  private static @Nullable Path program() {
    return PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElse(null);
  }

  /** Of the small cp of busybox and of macOS. */
  private static boolean isUnknown(String said) {
    return said.contains("nrecognized option") || said.contains("llegal option");
  }

  private static int exitStatus(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
