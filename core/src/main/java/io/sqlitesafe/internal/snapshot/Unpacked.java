package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.manifest.Sha256;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.DatabaseHeader;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup, decompressed and compared with its manifest while it is copied.
 *
 * @param bytes size of the database
 * @param sha256 of the database
 * @param manifest null where there is none
 */
record Unpacked(long bytes, String sha256, @Nullable Manifest manifest) {
  private static final int BUFFER = 1 << 18;

  /** How a backup lies there. */
  record Backup(Path file, Compression compression, @Nullable Manifest manifest) {
    /**
     * Looks at it.
     *
     * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where it is no finished backup but a
     *     database with a journal
     */
    static Backup of(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        throw new SqliteSafeException(
            ErrorKind.NO_DATABASE,
            Files.exists(file) ? file + " is not a regular file" : "there is no file " + file,
            "name a backup");
      }
      LockPaths paths = new LockPaths(file.toRealPath());
      for (Path journal : new Path[] {paths.journal(), paths.wal()}) {
        if (Files.exists(journal) && Files.size(journal) > 0) {
          throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              file + " is not a finished backup: part of it is in " + journal,
              "make a backup of it first: sqlite-safe backup " + file + " DEST");
        }
      }
      return new Backup(file, Compression.detect(file), Manifest.beside(file));
    }

    /** Bytes of the database in it, as far as that can be told; else a guess. */
    long room() throws IOException {
      if (manifest != null) {
        return manifest.database().bytes();
      }
      return compression == Compression.NONE ? Files.size(file) : Files.size(file) * 4;
    }
  }

  /**
   * Copies the database in {@code backup} to {@code to}.
   *
   * @throws SqliteSafeException {@link ErrorKind#DAMAGED} where it is not what its manifest says
   */
  static Unpacked copy(Backup backup, Path to, Cancellation cancellation, SnapshotListener listener)
      throws IOException {
    MessageDigest packed = Sha256.digest();
    boolean plain = backup.compression() == Compression.NONE;
    MessageDigest content = Sha256.digest();
    byte[] buffer = new byte[BUFFER];
    long done = 0;
    long total = backup.room();
    try (InputStream file = new DigestInputStream(Files.newInputStream(backup.file()), packed);
        InputStream in = backup.compression().decompress(file);
        OutputStream out = Files.newOutputStream(to)) {
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        cancellation.throwIfRequested();
        out.write(buffer, 0, n);
        if (!plain) {
          content.update(buffer, 0, n);
        }
        done += n;
        listener.progress(SnapshotListener.Phase.RESTORING, done, total);
      }
      while (file.read(buffer) > 0) {
        // what a decompressor leaves unread belongs to the file's digest too
      }
    } catch (IOException e) {
      throw unreadable(backup, e);
    }
    String sha256 = Sha256.hex(packed);
    Unpacked unpacked = new Unpacked(done, plain ? sha256 : Sha256.hex(content), backup.manifest());
    unpacked.compare(backup, sha256, DatabaseHeader.read(to));
    return unpacked;
  }

  /** A compressed file that cannot be decompressed is damaged; anything else is I/O. */
  private static SqliteSafeException unreadable(Backup backup, IOException e) throws IOException {
    if (backup.compression() == Compression.NONE
        || e instanceof java.nio.file.FileSystemException) {
      throw e;
    }
    return new SqliteSafeException(
        ErrorKind.DAMAGED,
        backup.file() + " cannot be decompressed or written: " + e.getMessage(),
        "nothing was changed; take another backup, or make room",
        e);
  }

  private void compare(Backup backup, String packed, DatabaseHeader header) throws IOException {
    if (manifest == null) {
      return;
    }
    List<String> wrong =
        manifest.differences(
            new Manifest.Found(
                Files.size(backup.file()),
                packed,
                backup.compression(),
                new Manifest.Plain(bytes, sha256, header)));
    if (!wrong.isEmpty()) {
      throw notAsSaid(backup.file(), String.join("; ", wrong));
    }
  }

  static SqliteSafeException notAsSaid(Path backup, String why) {
    return new SqliteSafeException(
        ErrorKind.DAMAGED,
        backup + " is not what its manifest says: " + why,
        "nothing was changed; take another backup");
  }
}
