package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.copy.Emptiness;
import io.sqlitesafe.internal.file.Destination;
import io.sqlitesafe.internal.file.FileStamp;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.file.Unfinished;
import io.sqlitesafe.internal.fs.PlantedFile;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lies where a backup is to go. Replaced is only what a run like this one has put there: a
 * file with a manifest of ours, of the same database, that is byte by byte what that manifest says.
 *
 * @param state what may be done with it
 * @param hasContent it is a backup with content, as far as can be told
 * @param stamps of the file and its journals, to see whether it has changed since
 */
record Occupant(State state, boolean hasContent, List<@Nullable FileStamp> stamps) {
  enum State {
    /** The name is free. */
    NOTHING,
    /** It may be replaced. */
    REPLACEABLE,
    /** A backup of this database that somebody has written to, or that is damaged. */
    CHANGED
  }

  /**
   * Looks at it.
   *
   * @param overwrite replace any file
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where it may not be replaced
   */
  static Occupant of(
      Destination destination, Identity identity, boolean overwrite, Cancellation cancellation) {
    Path file = destination.file();
    List<@Nullable FileStamp> stamps = FileStamp.ofDatabase(file);
    try {
      if (!Files.exists(file)) {
        return new Occupant(State.NOTHING, false, stamps);
      }
      Manifest manifest = overwrite ? null : ours(destination, identity, cancellation);
      if (manifest == null) {
        destination.requireNoJournal();
        return new Occupant(State.REPLACEABLE, mayHaveContent(file, cancellation), stamps);
      }
      boolean intact = destination.journal() == null && manifest.describes(file, cancellation);
      return new Occupant(
          intact ? State.REPLACEABLE : State.CHANGED, manifest.database().hasContent(), stamps);
    } catch (IOException e) {
      throw Replacement.failed("cannot read " + file, e);
    }
  }

  private static Manifest ours(
      Destination destination, Identity identity, Cancellation cancellation) {
    Path file = destination.file();
    Manifest manifest;
    try {
      manifest = Manifest.beside(file);
    } catch (SqliteSafeException broken) {
      throw refused(destination, "exists, and its manifest cannot be read", "");
    }
    Path database = Path.of(identity.source());
    if (manifest == null) {
      manifest = Unfinished.find(file, database, cancellation);
    } else if (PlantedFile.is(Manifest.pathFor(file), database)) {
      throw refused(destination, "exists, and its manifest is another user's", "");
    }
    if (manifest == null) {
      destination.requireNoJournal();
      throw refused(destination, "exists, and no manifest says that it is a backup", "");
    }
    if (!manifest.identity().isSameAs(identity)) {
      throw refused(
          destination,
          "is a backup of " + manifest.identity().text() + ", not of " + identity.text(),
          " (if it is the same database, its manifest can say so: see \"id\" in"
              + " sqlite-safe-backup(1))");
    }
    return manifest;
  }

  private static SqliteSafeException refused(Destination destination, String why, String more) {
    return destination.refused(
        why, "choose another name, or replace it by --overwrite; nothing was changed" + more);
  }

  private static boolean mayHaveContent(Path file, Cancellation cancellation) throws IOException {
    long size = Files.size(file);
    return size > 0
        && (Compression.detect(file) != Compression.NONE || !Emptiness.of(file, cancellation));
  }

  /** Whether it is still what was looked at. */
  boolean isStill(Path file) {
    return stamps.equals(FileStamp.ofDatabase(file));
  }
}
