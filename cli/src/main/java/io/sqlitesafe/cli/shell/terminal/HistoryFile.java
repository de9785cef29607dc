package io.sqlitesafe.cli.shell.terminal;

import io.sqlitesafe.internal.fs.PendingFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where what was typed is kept: in the user's state directory, for the user's eyes only. */
final class HistoryFile {
  private HistoryFile() {}

  /** The file, made if need be; null where that cannot be done: then nothing is kept. */
  static @Nullable Path find(Map<String, String> environment) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    // A relative one is to be ignored (specifications.freedesktop.org/basedir-spec).
    Path base =
        state.startsWith("/")
            ? Path.of(state)
            : Path.of(System.getProperty("user.home", ""), ".local", "state");
    Path file = base.resolve("sqlite-safe").resolve("history");
    try {
      Files.createDirectories(file.getParent());
      if (!Files.exists(file)) {
        PendingFile.openNew(file).close();
      }
      // Not what a link leads to: as root that would close /dev/null to everybody else.
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(
            file, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
      }
      return file;
    } catch (IOException e) {
      return null;
    }
  }
}
