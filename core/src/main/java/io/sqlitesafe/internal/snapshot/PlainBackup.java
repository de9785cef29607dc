package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A backup as a plain database file: the file itself, or what it decompresses to, in a scratch
 * directory that closing deletes. One thread.
 */
public final class PlainBackup implements AutoCloseable {
  private final Path file;
  private final @Nullable Scratch scratch;

  private PlainBackup(Path file, @Nullable Scratch scratch) {
    this.file = file;
    this.scratch = scratch;
  }

  /**
   * Decompresses where that is needed; then the manifest beside the file, if there is one, is
   * compared. Opens {@code backup} by Java's file API: not for a database that this process has
   * open (see {@link io.sqlitesafe.internal.db.Database}).
   *
   * @param directory where to make the scratch directory
   * @throws SqliteSafeException {@link io.sqlitesafe.error.ErrorKind#DAMAGED} where it cannot be
   *     decompressed or is not what its manifest says, {@link io.sqlitesafe.error.ErrorKind#UNSAFE}
   *     where there is no room
   */
  public static PlainBackup open(Path backup, Path directory, Cancellation cancellation) {
    try {
      if (Compression.detect(backup) == Compression.NONE) {
        return new PlainBackup(backup, null);
      }
      return unpacked(Unpacked.Backup.of(backup), directory, cancellation);
    } catch (IOException e) {
      throw Replacement.failed("cannot read " + backup, e);
    }
  }

  private static PlainBackup unpacked(
      Unpacked.Backup backup, Path directory, Cancellation cancellation) throws IOException {
    Scratch scratch = Scratch.create(directory, backup.room());
    try {
      Path plain = scratch.directory().resolve("plain");
      Unpacked.copy(backup, plain, cancellation, SnapshotListener.SILENT);
      return new PlainBackup(plain, scratch);
    } catch (RuntimeException | IOException e) {
      scratch.close();
      throw e;
    }
  }

  /** An ordinary SQLite file, until {@link #close}. */
  public Path file() {
    return file;
  }

  @Override
  public void close() {
    if (scratch != null) {
      scratch.close();
    }
  }
}
