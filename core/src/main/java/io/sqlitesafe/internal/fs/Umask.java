package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** What the user lets nobody do to new files (umask(2)). No state. */
final class Umask {
  private static final String NAME = "\nUmask:";
  private static final int ALL = 0777;

  private Umask() {}

  /** Leaves of {@code permissions} what a new file may have. */
  static Set<PosixFilePermission> applyTo(Set<PosixFilePermission> permissions) {
    int mask = mask();
    Set<PosixFilePermission> left = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission each : permissions) {
      // Both are in the order owner, group, others; read, write, execute.
      if ((mask & (0400 >> each.ordinal())) == 0) {
        left.add(each);
      }
    }
    return left;
  }

  /** From /proc, or from a shell, which inherits it; where neither tells, the strictest. */
  private static int mask() {
    try {
      String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1);
      int at = status.indexOf(NAME);
      if (at >= 0) {
        int start = at + NAME.length();
        return octal(status.substring(start, status.indexOf('\n', start)));
      }
    } catch (IOException notLinux) {
      // asked below
    }
    try {
      Process shell = new ProcessBuilder("sh", "-c", "umask").start();
      shell.getOutputStream().close();
      return octal(new String(shell.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException noShell) {
      return 0077;
    }
  }

  private static int octal(String text) {
    try {
      return Integer.parseInt(text.strip(), 8) & ALL;
    } catch (NumberFormatException unknown) {
      return 0077;
    }
  }
}
