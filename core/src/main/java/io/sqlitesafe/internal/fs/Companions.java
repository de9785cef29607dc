package io.sqlitesafe.internal.fs;

import java.nio.file.Path;
import java.util.List;

/**
 * The names that belong to a database file beside its own: SQLite's journals, and what this program
 * keeps there. No state.
 */
public final class Companions {
  private static final List<String> SUFFIXES =
      List.of("-journal", "-wal", "-shm", ".lock", ".changeset-pending");

  /** Others follow: a token, or the random number of a super-journal. */
  private static final List<String> PREFIXES = List.of(".lock.", ".changeset-pending.", "-mj");

  private Companions() {}

  /**
   * Whether {@code name} is such a name of the file {@code database} in the same directory. Letter
   * case is ignored, because some file systems ignore it too.
   */
  static boolean isOf(String database, String name) {
    int length = database.length();
    if (name.length() <= length || !name.regionMatches(true, 0, database, 0, length)) {
      return false;
    }
    String rest = name.substring(length);
    return SUFFIXES.stream().anyMatch(rest::equalsIgnoreCase)
        || PREFIXES.stream().anyMatch(each -> rest.regionMatches(true, 0, each, 0, each.length()));
  }

  /** The journals and the index of {@code database}, and what is noted of its last changeset. */
  static List<Path> files(Path database) {
    return List.of("-journal", "-wal", "-shm", ".changeset-pending").stream()
        .map(suffix -> database.resolveSibling(database.getFileName() + suffix))
        .toList();
  }

  /** The files that {@code name} would belong to, were they databases. */
  static List<String> owners(String name) {
    return SUFFIXES.stream()
        .filter(suffix -> name.length() > suffix.length() && name.endsWith(suffix))
        .map(suffix -> name.substring(0, name.length() - suffix.length()))
        .toList();
  }
}
