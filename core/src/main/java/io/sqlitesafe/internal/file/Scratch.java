package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileOwner;
import io.sqlitesafe.internal.lock.ProcessTable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * A directory for the time of one operation; closing it deletes it with everything in it. Its name
 * tells whose it is, so that the next one removes what a killed process left ({@link
 * TemporaryName}).
 */
public final class Scratch implements AutoCloseable {
  public static final String PREFIX = "sqlite-safe-scratch-";

  private static final String HINT =
      "make room there, or name another directory by the environment variable TMPDIR";

  private final Path directory;

  private Scratch(Path directory) {
    this.directory = directory;
  }

  /** Where they are made unless somebody says otherwise: {@code TMPDIR}, or else Java's own. */
  public static Path usualPlace() {
    String named = System.getenv("TMPDIR");
    return Path.of(
        named == null || named.isEmpty() ? System.getProperty("java.io.tmpdir", "/tmp") : named);
  }

  /**
   * Makes one, for this user only.
   *
   * @param parent where
   * @param needed bytes that must be free there
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where there is not enough room, {@link
   *     ErrorKind#FAILED} where it cannot be made
   */
  public static Scratch create(Path parent, long needed) {
    TemporaryName names = new TemporaryName(ProcessTable.ofThisHost(), PREFIX);
    try {
      // A random number follows; with mode 0700.
      Path directory = Files.createTempDirectory(parent, names.next() + ".");
      try {
        names.sweep(parent, Files.getLastModifiedTime(directory).toMillis(), own(directory));
        requireRoom(parent, needed);
        return new Scratch(directory);
      } catch (RuntimeException | IOException e) {
        Files.deleteIfExists(directory);
        throw e;
      }
    } catch (IOException e) {
      throw failed(parent, e);
    }
  }

  /**
   * Removes what the same user made: in a directory that everybody may write to, others could put
   * another one in place of theirs while it is being emptied.
   */
  private static TemporaryName.Removal own(Path ours) throws IOException {
    UserPrincipal self = Files.getOwner(ours);
    return entry -> {
      if (Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS).equals(self)) {
        delete(entry);
      }
    };
  }

  /** Requires so much room. */
  public static void requireRoom(Path directory, long needed) {
    if (!Files.isDirectory(directory)) {
      throw failed(directory, new NotDirectoryException(directory.toString()));
    }
    long free = directory.toFile().getUsableSpace();
    if (free < needed) {
      throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              needed + " bytes are needed in " + directory + " but only " + free + " are free",
              HINT)
          .with("needed", needed)
          .with("free", free);
    }
  }

  /**
   * Writes into a file in a scratch directory, and says it where the room that was there at first
   * has been taken by others.
   *
   * @param margin bytes that have to be free for more
   */
  public static void write(OutputStream out, byte[] buffer, int length, Path to, long margin) {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      requireRoom(to.resolveSibling(""), margin);
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot write " + to + ": " + e.getMessage(),
          "look at that file system, or name another by the environment variable TMPDIR",
          e);
    }
  }

  private static SqliteSafeException failed(Path directory, IOException e) {
    if (!Files.isDirectory(directory)) {
      boolean there = Files.exists(directory);
      return new SqliteSafeException(
          ErrorKind.FAILED,
          "the temporary directory " + directory + (there ? " is no directory" : " does not exist"),
          "name one with enough room by the environment variable TMPDIR",
          e);
    }
    return new SqliteSafeException(
        ErrorKind.FAILED,
        Files.isWritable(directory)
            ? "cannot make a directory in " + directory + ": " + e.getMessage()
            : FileOwner.mayNot("make a temporary directory in", directory),
        HINT,
        e);
  }

  public Path directory() {
    return directory;
  }

  /** Deletes it, as far as that can be done. */
  @Override
  public void close() {
    try {
      delete(directory);
    } catch (IOException leftToTheNext) {
      // The next run sweeps.
    }
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
              throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
