package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Files that nobody means when a command is told to write a changeset, metrics or a result there: a
 * database, a backup, what belongs to one, a file of the system. No state.
 */
final class ForeignFile {
  private static final String DATABASE = "SQLite format 3\0";
  private static final String IS_DATABASE = "is a SQLite database";
  private static final String MANIFEST = "sqlite-safe.manifest.";
  private static final String METRICS = "# HELP sqlite_safe_";
  private static final int MANIFEST_BYTES = 1 << 16;

  /** The kernel's own files, where writing is doing. */
  private static final List<Path> KERNEL = List.of(Path.of("/proc"), Path.of("/sys"));

  private static final List<Path> SYSTEM =
      List.of("/etc", "/usr", "/boot", "/bin", "/sbin", "/lib", "/lib64").stream()
          .map(Path::of)
          .toList();

  private ForeignFile() {}

  /**
   * Why an existing regular file stays as it is; null for what may be replaced.
   *
   * @param file resolved
   */
  static @Nullable String objection(Path file) {
    if (KERNEL.stream().anyMatch(file::startsWith)) {
      return "is a file of the kernel";
    }
    // First: closing a second descriptor of a database would drop this process's locks on it.
    if (OpenFiles.contains(file)) {
      return "is in use by this command";
    }
    String start = start(file, DATABASE.length() + METRICS.length());
    if (start.startsWith(DATABASE)) {
      return IS_DATABASE;
    }
    String backup = objectionToBackup(file);
    if (backup != null) {
      return backup;
    }
    return !start.isEmpty() && !isOurs(start) && SYSTEM.stream().anyMatch(file::startsWith)
        ? "is a file of the system"
        : null;
  }

  private static @Nullable String objectionToBackup(Path file) {
    String name = String.valueOf(file.getFileName());
    if (isManifest(file.resolveSibling(name + ".json"))) {
      return "is a backup";
    }
    return name.endsWith(".json") && isManifest(file) ? "is the manifest of a backup" : null;
  }

  /** Why no text may follow what is in a file; null where it may. */
  static @Nullable String objectionToAppending(Path file) {
    if (isDatabase(file)) {
      return IS_DATABASE;
    }
    String backup = objectionToBackup(file);
    return backup == null ? belonging(file) : backup;
  }

  /** As above, for a name that need not be there: SQLite would take it for a journal. */
  static @Nullable String belonging(Path file) {
    for (String owner : Companions.owners(String.valueOf(file.getFileName()))) {
      Path database = file.resolveSibling(owner);
      if (isDatabase(database)) {
        return "belongs to the database " + database;
      }
    }
    return null;
  }

  /** Metrics, or a changeset: its letter and a number of columns. */
  private static boolean isOurs(String start) {
    return start.startsWith(METRICS)
        || (start.length() > 1
            && (start.charAt(0) == 'T' || start.charAt(0) == 'P')
            && start.charAt(1) < ' ');
  }

  private static boolean isDatabase(Path file) {
    return Files.isRegularFile(file)
        && (OpenFiles.contains(file) || start(file, DATABASE.length()).equals(DATABASE));
  }

  private static boolean isManifest(Path file) {
    return Files.isRegularFile(file) && start(file, MANIFEST_BYTES).contains(MANIFEST);
  }

  private static String start(Path file, int bytes) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
    } catch (IOException unreadable) {
      return "";
    }
  }
}
