package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.lock.LockListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What other names of a database mean to an operation (protocol section 2, "Layout"). Loaded only
 * where there are any.
 */
public final class NamePolicy {
  private static final String[] FILES = {"", "-journal", "-wal", "-shm"};

  private NamePolicy() {}

  /**
   * Admits a writer.
   *
   * @param owned whether the lock is held, so that what a crashed restore left may be removed
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} with the cure
   */
  static void require(LockPaths paths, OtherNames names, boolean owned, LockListener listener) {
    List<Path> left = OtherNames.beside(paths.database(), OtherNames.BEFORE_RESTORE);
    if (names.without(left.size()).any()) {
      throw refused(paths.database(), names);
    }
    if (owned) {
      left.forEach(each -> tidy(paths, each, listener));
    }
  }

  /** That {@code file}, a database or its journal, is not used under one of several names. */
  public static SqliteSafeException refused(Path file, OtherNames names) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            file + " " + names.text() + ": " + OtherNames.why(),
            names.cure() + "; where you know that nobody uses the other name: --allow-links",
            null)
        .with("links", names.links())
        .with("fileMount", names.mounted());
  }

  /** What a reader should know; null where the names are only what a crashed restore left. */
  public static @Nullable String doubt(LockPaths paths, OtherNames names) {
    List<Path> left = OtherNames.beside(paths.database(), OtherNames.BEFORE_RESTORE);
    return !names.without(left.size()).any()
        ? null
        : paths.database()
            + " "
            + names.text()
            + ": what is still in a journal or log of another name is not seen by this one; "
            + names.cure();
  }

  /**
   * A restore gives the database a second name before it takes the first one away. It was killed in
   * between, and the database is still in its place. The database's second name goes first: without
   * its journal it would look like a good one.
   */
  private static void tidy(LockPaths paths, Path second, LockListener listener) {
    try {
      for (String suffix : FILES) {
        Path one = paths.database().resolveSibling(paths.database().getFileName() + suffix);
        Path other = second.resolveSibling(second.getFileName() + suffix);
        if (Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other)) {
          Files.delete(other);
        }
      }
      listener.tidied("removed " + second + ", the name that a killed restore had left");
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "cannot remove " + second + ", a name of the database that a killed restore left: " + e,
          "remove it by hand",
          e);
    }
  }
}
