package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.file.Destination;
import io.sqlitesafe.internal.fs.PlantedFile;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The newest backup of a database at a destination, for {@code --if-changed}. */
record LastBackup(Path file, Manifest manifest) {
  private static final String SUFFIX = ".json";

  /** Null where there is none that is still there. */
  static @Nullable LastBackup find(Destination destination, Identity identity) {
    if (destination.named()) {
      LastBackup only = of(destination.file());
      return only != null && only.counts(identity) ? only : null;
    }
    try (DirectoryStream<Path> manifests =
        Files.newDirectoryStream(destination.directory(), "*" + SUFFIX)) {
      return StreamSupport.stream(manifests.spliterator(), false)
          .map(LastBackup::described)
          .filter(last -> last != null && last.counts(identity))
          .max(Comparator.comparing(last -> last.manifest.createdAt()))
          .orElse(null);
    } catch (IOException | DirectoryIteratorException e) {
      return null;
    }
  }

  private static @Nullable LastBackup described(Path manifest) {
    String name = String.valueOf(manifest.getFileName());
    return of(manifest.resolveSibling(name.substring(0, name.length() - SUFFIX.length())));
  }

  private static @Nullable LastBackup of(Path file) {
    try {
      Manifest manifest = Manifest.beside(file);
      return manifest != null && Files.isRegularFile(file) ? new LastBackup(file, manifest) : null;
    } catch (SqliteSafeException unusable) {
      return null;
    }
  }

  private boolean counts(Identity identity) {
    return manifest.identity().isSameAs(identity)
        && !PlantedFile.is(Manifest.pathFor(file), Path.of(identity.source()));
  }

  /** Whether nothing has changed, by a state that is empty where that cannot be told. */
  boolean isOf(String state) {
    return !state.isEmpty() && state.equals(manifest.database().sourceState());
  }

  boolean hasContent(String sha256) {
    return !sha256.isEmpty() && sha256.equals(manifest.database().sha256());
  }

  /** Whether it was verified at least as thoroughly as is asked for now. */
  boolean satisfies(CheckLevel level) {
    return level == CheckLevel.NONE
        || (manifest.check().ok() && manifest.check().level().compareTo(level) >= 0);
  }

  /**
   * Whether the file still is, byte by byte, what its manifest says: a medium that has gone bad
   * changes neither size nor time. Reads all of it.
   */
  boolean isIntact(Cancellation cancellation) {
    try {
      return manifest.describes(file, cancellation);
    } catch (IOException unreadable) {
      return false;
    }
  }
}
