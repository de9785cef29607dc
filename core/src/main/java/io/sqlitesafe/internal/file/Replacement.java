package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.FileLikeness;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.PendingFile;
import io.sqlitesafe.internal.lock.ClaimContent;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
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
public final class Replacement implements AutoCloseable {
  private final Path destination;
  private final PendingFile first;
  private final FileLikeness likeness;
  private final List<PendingFile> others = new ArrayList<>();

  private Replacement(Path destination, PendingFile first, FileLikeness likeness) {
    this.destination = destination;
    this.first = first;
    this.likeness = likeness;
  }

  /**
   * Sweeps, makes sure of room and creates the temporary file, for this user only.
   *
   * @param destination where to; symbolic links are resolved already
   * @param like the file whose owner and permissions to take over, never more than those of the
   *     file that is replaced, nor, where there is none, than this user's umask allows
   * @param needed bytes that must be free
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where there is not enough room, {@link
   *     ErrorKind#FAILED} where the directory is missing or cannot be written
   */
  public static Replacement begin(Path destination, Path like, long needed) {
    Path directory = directory(destination);
    if (!Files.isDirectory(directory)) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "there is no directory " + directory, "make it; nothing was changed");
    }
    TemporaryName names = new TemporaryName(ProcessTable.ofThisHost());
    try {
      FileLikeness likeness = likeness(destination, like);
      PendingFile first = PendingFile.create(directory.resolve(names.next()));
      Replacement replacement = new Replacement(destination, first, likeness);
      try {
        long now = Files.getLastModifiedTime(first.name()).toMillis();
        Unfinished.finish(directory, like, names, now);
        names.sweep(directory, now, Files::deleteIfExists);
        Room.require(destination, like, needed);
        return replacement;
      } catch (RuntimeException | IOException e) {
        replacement.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed("cannot write beside " + destination, e);
    }
  }

  private static FileLikeness likeness(Path destination, Path like) throws IOException {
    return Files.exists(destination)
        ? FileLikeness.of(like).narrowedTo(FileLikeness.of(destination))
        : FileLikeness.ofCopy(like);
  }

  public static Path directory(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Where to write. */
  public Path file() {
    return first.name();
  }

  /** Creates another temporary file, for this user only and removed like the first one. */
  public Path another(String suffix) throws IOException {
    return create(suffix).name();
  }

  private PendingFile create(String suffix) throws IOException {
    PendingFile another = PendingFile.create(beside(suffix));
    others.add(another);
    return another;
  }

  private PendingFile pending(Path name) {
    for (PendingFile each : others) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    return first;
  }

  /** A name that is removed like the first file's. */
  private Path beside(String suffix) {
    return first.name().resolveSibling(first.name().getFileName() + suffix);
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
   * @param from {@link #file} or {@link #another}
   * @param manifest its content beside the destination; null = none, and one that described the
   *     earlier file is removed
   * @throws SqliteSafeException {@link ErrorKind#FAILED} with the destination as it was before;
   *     {@link ErrorKind#WARNINGS} where the file is in place but something after it failed
   */
  public void replaceTarget(Path from, byte @Nullable [] manifest) {
    PendingFile file = pending(from);
    Path described = Manifest.pathFor(destination);
    Path earlier = beside(".earlier.json");
    PendingFile next;
    try {
      next = prepare(file, manifest);
      // A manifest beside a file that it does not describe would call a good backup damaged. So
      // between both renames there is none: what a crash leaves there, Unfinished puts right.
      boolean had = Destination.hasManifest(destination);
      if (had) {
        Files.move(described, earlier, StandardCopyOption.ATOMIC_MOVE);
      }
      try {
        file.renameTo(destination);
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
   * As {@link #replaceTarget}, but only where nothing is yet.
   *
   * @param from {@link #file} or {@link #another}
   * @param name in the directory of the destination
   * @return false where something has that name
   */
  public boolean placeNew(Path from, Path name, byte @Nullable [] manifest) {
    PendingFile file = pending(from);
    PendingFile next = null;
    try {
      next = prepare(file, manifest);
      if (!isAdded(file, name)) {
        discard(next);
        return false;
      }
      if (next == null && Destination.hasManifest(name)) {
        Files.delete(Manifest.pathFor(name)); // of a file that is gone
      }
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
  private static boolean isAdded(PendingFile file, Path name) throws IOException {
    try {
      try {
        Files.createLink(name, file.name());
      } catch (FileAlreadyExistsException e) {
        return false;
      } catch (UnsupportedOperationException | IOException noLinks) {
        Files.createFile(name);
      }
    } catch (FileAlreadyExistsException somebodyWasFirst) {
      return false;
    }
    file.renameTo(name);
    Files.deleteIfExists(file.name());
    return true;
  }

  private void discard(@Nullable PendingFile file) throws IOException {
    if (file != null) {
      others.remove(file);
      file.close();
    }
  }

  /** The manifest, under a temporary name; null where there is to be none. */
  private @Nullable PendingFile prepare(PendingFile file, byte @Nullable [] manifest)
      throws IOException {
    file.dress(likeness);
    if (manifest == null) {
      return null;
    }
    PendingFile next = create(".json");
    next.stream().write(manifest);
    next.dress(likeness);
    next.sync();
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
            try (FileChannel from = FileChannel.open(first.name(), StandardOpenOption.READ)) {
              PageCopy.all(from, claim, cancellation);
            }
          }

          @Override
          public void dress(FileChannel claim, Path name) throws IOException {
            likeness.applyOrNarrower(claim, name);
          }

          @Override
          public boolean isContentOf(Path file) throws IOException {
            return Files.mismatch(first.name(), file) < 0;
          }
        });
  }

  private static void finish(Path name, @Nullable PendingFile next) {
    try {
      if (next != null) {
        next.renameTo(Manifest.pathFor(name));
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
    others.add(first);
    for (PendingFile each : others) {
      try {
        each.close();
      } catch (IOException leftForTheNextRun) {
        // it sweeps
      }
    }
    // What SQLite made beside them.
    String name = String.valueOf(first.name().getFileName());
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(directory(first.name()), name + "*")) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    } catch (IOException | DirectoryIteratorException leftForTheNextRun) {
      // it sweeps
    }
  }
}
