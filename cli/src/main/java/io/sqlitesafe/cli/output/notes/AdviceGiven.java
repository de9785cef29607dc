package io.sqlitesafe.cli.output.notes;

import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Which advice on a file system this user has been given, so that a nightly job is told once and
 * not every night. Kept in the user's state directory, where the shell keeps its history: a line a
 * mount, kind of advice and host. Where that cannot be written, it is given each time.
 */
public final class AdviceGiven {
  /** Thousands of mounts on one host are none of this file's business. */
  private static final int MAX_BYTES = 1 << 16;

  private AdviceGiven() {}

  /** Whether it has not been given yet; from now on it has. */
  public static boolean isNew(Map<String, String> environment, Mount mount, String message) {
    String line =
        Integer.toHexString(message.hashCode())
            + " "
            + mount.source().replace('\n', ' ')
            + " "
            + mount.mountPoint().replace('\n', ' ')
            + "\n";
    Path file = stateDirectory(environment).resolve("advice-given");
    try {
      boolean there = Files.exists(file) && Files.size(file) < MAX_BYTES;
      if (there && ("\n" + Files.readString(file)).contains("\n" + line)) {
        return false;
      }
      Files.createDirectories(file.getParent());
      StandardOpenOption how =
          there ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
      Files.write(
          file,
          line.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          how);
    } catch (IOException e) {
      // Then it is told again.
    }
    return true;
  }

  /** As the shell's history (specifications.freedesktop.org/basedir-spec). */
  private static Path stateDirectory(Map<String, String> environment) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    Path base =
        state.startsWith("/")
            ? Path.of(state)
            : Path.of(System.getProperty("user.home", ""), ".local", "state");
    return base.resolve("sqlite-safe");
  }
}
