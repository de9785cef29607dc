package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.PlantedFile;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Publications that a crash cut short between their two renames: the backup lies there without its
 * manifest, which still has its temporary name. Without a manifest nobody would replace or delete
 * the backup again. That of the earlier backup, which was moved out of the way first, is found in
 * the same way.
 */
public final class Unfinished {
  private static final String MANIFESTS = TemporaryName.PREFIX + "*.json";

  private Unfinished() {}

  /**
   * The manifest that a publication has left for {@code backup}, by its name, size and checksum;
   * null where there is none.
   *
   * @param database which is backed up
   */
  public static @Nullable Manifest find(Path backup, Path database, Cancellation cancellation) {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(Replacement.directory(backup), MANIFESTS)) {
      for (Path each : left) {
        Manifest manifest = read(each, database);
        if (manifest != null
            && manifest.file().name().equals(String.valueOf(backup.getFileName()))
            && manifest.describes(backup, cancellation)) {
          return manifest;
        }
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      // then nothing is known
    }
    return null;
  }

  /**
   * Gives backups in {@code directory} the manifests that dead runs left for them. That it cannot
   * be done is no reason to fail.
   *
   * @param database which is backed up
   * @param now the file system's time
   */
  static void finish(Path directory, Path database, TemporaryName names, long now) {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, MANIFESTS)) {
      for (Path each : left) {
        Manifest manifest = names.isLeftover(each, now) ? read(each, database) : null;
        if (manifest != null) {
          finish(directory, each, manifest);
        }
      }
    } catch (IOException | DirectoryIteratorException nothingDone) {
      // the next run tries again
    }
  }

  private static void finish(Path directory, Path left, Manifest manifest) throws IOException {
    Path backup = directory.resolve(manifest.file().name());
    if (!directory.equals(backup.getParent())
        || !Files.isRegularFile(backup, LinkOption.NOFOLLOW_LINKS)
        || Files.exists(Manifest.pathFor(backup), LinkOption.NOFOLLOW_LINKS)
        || !manifest.describes(backup, new Cancellation())) {
      return;
    }
    Files.move(left, Manifest.pathFor(backup)); // not over another one
  }

  private static @Nullable Manifest read(Path file, Path database) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !PlantedFile.is(file, database)
          ? Manifest.read(file)
          : null;
    } catch (SqliteSafeException cutShort) {
      return null;
    }
  }
}
