package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.file.Aside;
import io.sqlitesafe.internal.file.Destination;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives a finished copy its name. One that was made up is never one that something else has, not
 * even for a moment; one that the user gave is taken if what is there may be replaced. What may not
 * be lost is moved aside.
 *
 * @param file where the backup is now
 * @param aside where the earlier one is; null where it was replaced, or there was none
 * @param warning why it was moved aside; null where it was not
 */
record Placement(Path file, @Nullable Path aside, @Nullable String warning) {
  private static final int ATTEMPTS = 10;
  private static final int MAX_NUMBER = 100_000;

  /** What is to be placed: the file, whether it has content, and its manifest under each name. */
  record Finished(Path file, boolean hasContent, Function<Path, byte @Nullable []> manifest) {}

  /** Under the first of the destination's made-up names that is free. */
  static Placement underFreeName(
      Destination destination, Replacement replacement, Finished finished) {
    for (int n = 1; n < MAX_NUMBER; n++) {
      Path name = destination.numbered(n);
      if (Files.notExists(Manifest.pathFor(name), LinkOption.NOFOLLOW_LINKS)
          && replacement.placeNew(finished.file, name, finished.manifest.apply(name))) {
        return new Placement(name, null, null);
      }
    }
    throw destination.refused("has no free name", "choose another; nothing was changed");
  }

  /**
   * Under the name that the user gave.
   *
   * @param seen what was there before the copy
   * @param look looks again, and refuses what may not be replaced
   */
  static Placement underItsName(
      Destination destination,
      Replacement replacement,
      Finished finished,
      Occupant seen,
      Supplier<Occupant> look)
      throws IOException {
    Path name = destination.file();
    Occupant there = seen;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (!there.isStill(name)) {
        there = look.get();
      }
      if (there.state() != Occupant.State.NOTHING) {
        return inPlaceOf(there, name, replacement, finished);
      }
      if (replacement.placeNew(finished.file, name, finished.manifest.apply(name))) {
        return new Placement(name, null, null);
      }
    }
    throw new SqliteSafeException(
        ErrorKind.LOCK_BUSY, name + " is being replaced by others all the time", "run it again");
  }

  private static Placement inPlaceOf(
      Occupant there, Path name, Replacement replacement, Finished finished) throws IOException {
    boolean changed = there.state() == Occupant.State.CHANGED;
    if (!changed && (finished.hasContent || !there.hasContent())) {
      replacement.replaceTarget(finished.file, finished.manifest.apply(name));
      return new Placement(name, null, null);
    }
    Aside aside = Aside.move(name, "before-backup");
    try {
      aside.keepManifest();
      replacement.replaceTarget(finished.file, finished.manifest.apply(name));
    } catch (SqliteSafeException | IOException e) {
      if (!(e instanceof SqliteSafeException done && done.kind() == ErrorKind.WARNINGS)) {
        aside.putBack();
      }
      throw e;
    }
    return new Placement(
        name,
        aside.to(),
        changed
            ? "what was at " + name + " is not what its manifest says; it is now " + aside.to()
            : "the database has no table any more; the backup before had, and is now "
                + aside.to());
  }
}
