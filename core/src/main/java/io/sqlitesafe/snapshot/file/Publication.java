package io.sqlitesafe.snapshot.file;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.Durable;
import io.sqlitesafe.fs.IoErrors;
import io.sqlitesafe.lock.ClaimContent;
import io.sqlitesafe.lock.DatabaseLock;
import io.sqlitesafe.lock.ProcessTable;
import io.sqlitesafe.snapshot.manifest.Manifest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a file comes into place: written under a temporary name in the same directory, forced to the
 * device, renamed, and the directory forced. Until the rename the destination is what it was
 * before, whatever fails; what is not published is removed by {@link #close}, or, after a crash, by
 * the next publication in that directory. One thread.
 *
 * <p>SQLite's own {@code VACUUM INTO} and the shell's {@code .backup} write to the destination
 * itself, and on a full disk destroy an earlier good backup.
 */
public final class Publication implements AutoCloseable {
  private final Path destination;
  private final Path temporary;
  private final Ownership ownership;

  private Publication(Path destination, Path temporary, Ownership ownership) {
    this.destination = destination;
    this.temporary = temporary;
    this.ownership = ownership;
  }

  /**
   * Sweeps, makes sure of room and creates the temporary file, for this user only.
   *
   * @param destination where to; symbolic links are resolved already
   * @param like the file whose permissions and owner to take over
   * @param needed bytes that must be free
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where there is not enough room, {@link
   *     ErrorKind#FAILED} where the directory is missing or cannot be written
   */
  public static Publication begin(Path destination, Path like, long needed) {
    Path directory = directory(destination);
    if (!Files.isDirectory(directory)) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "there is no directory " + directory, "make it; nothing was changed");
    }
    TemporaryName names = new TemporaryName(ProcessTable.ofThisHost());
    Path temporary = directory.resolve(names.next());
    try {
      Ownership ownership = Ownership.of(like);
      FileChannel.open(
              temporary,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              Ownership.ofOneselfOnly(directory))
          .close();
      Publication publication = new Publication(destination, temporary, ownership);
      try {
        long now = Files.getLastModifiedTime(temporary).toMillis();
        Unfinished.finish(directory, names, now);
        names.sweep(directory, now, Files::deleteIfExists);
        Room.require(destination, like, needed);
        return publication;
      } catch (RuntimeException | IOException e) {
        publication.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed("cannot write beside " + destination, e);
    }
  }

  public static Path directory(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Where to write. */
  public Path file() {
    return temporary;
  }

  /** Another temporary file, removed like the first one; nothing is there yet. */
  public Path another(String suffix) {
    return temporary.resolveSibling(temporary.getFileName() + suffix);
  }

  /** Forces {@code file} to the device. */
  public static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /**
   * Puts {@code file}, which has been forced to the device, in place of what is there.
   *
   * @param file {@link #file} or {@link #another}
   * @param manifest its content beside the destination; null = none, and one that described the
   *     earlier file is removed
   * @throws SqliteSafeException {@link ErrorKind#FAILED} with the destination as it was before;
   *     {@link ErrorKind#WARNINGS} where the file is in place but something after it failed
   */
  public void publish(Path file, byte @Nullable [] manifest) {
    Path described = Manifest.pathFor(destination);
    Path earlier = another(".earlier.json");
    Path next;
    try {
      next = prepare(file, manifest);
      // A manifest beside a file that it does not describe would call a good backup damaged. So
      // between both renames there is none: what a crash leaves there, Unfinished puts right.
      boolean had = Destination.hasManifest(destination);
      if (had) {
        Files.move(described, earlier, StandardCopyOption.ATOMIC_MOVE);
      }
      try {
        Files.move(file, destination, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        if (had) {
          Files.move(earlier, described, StandardCopyOption.ATOMIC_MOVE);
        }
        throw e;
      }
    } catch (IOException e) {
      throw failed("cannot publish " + destination, e);
    }
    finish(destination, next);
  }

  /**
   * As {@link #publish}, but only where nothing is yet.
   *
   * @param name in the directory of the destination
   * @return false where something has that name
   */
  public boolean publishNew(Path file, Path name, byte @Nullable [] manifest) {
    Path next;
    try {
      next = prepare(file, manifest);
      addOnly(file, name);
      if (next == null && Destination.hasManifest(name)) {
        Files.delete(Manifest.pathFor(name)); // of a file that is gone
      }
    } catch (FileAlreadyExistsException somebodyWasFirst) {
      return false;
    } catch (IOException e) {
      throw failed("cannot publish " + name, e);
    }
    finish(name, next);
    return true;
  }

  /**
   * A rename would replace what another process has put there just now. So the name is taken first:
   * by a link, or where there are none by an empty file, which the rename then replaces. (Renaming
   * one name of a file to another does nothing.)
   */
  private static void addOnly(Path file, Path name) throws IOException {
    try {
      Files.createLink(name, file);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | IOException noLinks) {
      Files.createFile(name);
    }
    Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(file);
  }

  /** The manifest's temporary file; null where there is to be none. */
  private @Nullable Path prepare(Path file, byte @Nullable [] manifest) throws IOException {
    ownership.apply(file);
    if (manifest == null) {
      return null;
    }
    Path next = another(".json");
    Files.deleteIfExists(next);
    Durable.writeAndSync(next, manifest);
    ownership.apply(next);
    return next;
  }

  /**
   * Puts the temporary file, which has been forced to the device, in place of a database of
   * network-exclusive access: through the claim, so that it cannot happen after the lock was lost.
   *
   * @return a warning where it is in place but not certainly durable, else null
   */
  public @Nullable String publishBy(DatabaseLock lock, Cancellation cancellation) {
    return lock.publish(
        new ClaimContent() {
          @Override
          public void writeTo(FileChannel claim) throws IOException {
            try (FileChannel from = FileChannel.open(temporary, StandardOpenOption.READ)) {
              PageCopy.all(from, claim, cancellation);
            }
          }

          @Override
          public void dress(Path claim) throws IOException {
            ownership.apply(claim);
          }

          @Override
          public boolean isContentOf(Path file) throws IOException {
            return Files.mismatch(temporary, file) < 0;
          }
        });
  }

  private static void finish(Path name, @Nullable Path next) {
    try {
      if (next != null) {
        Files.move(next, Manifest.pathFor(name), StandardCopyOption.ATOMIC_MOVE);
      }
      Durable.syncDirectory(directory(name));
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.WARNINGS,
          name + " is in place, but what follows failed: " + IoErrors.reason(e),
          "look at the file system; without its manifest the backup is not counted by --keep-*",
          e);
    }
  }

  public static SqliteSafeException failed(String what, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED, what + ": " + IoErrors.reason(e), "nothing was changed", e);
  }

  /** Removes every temporary file that was not published. */
  @Override
  public void close() {
    String name = String.valueOf(temporary.getFileName());
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(directory(temporary), name + "*")) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    } catch (IOException | DirectoryIteratorException leftForTheNextRun) {
      // it sweeps
    }
  }
}
