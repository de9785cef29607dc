package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files of the protocol, opened only where they are files. Anybody may have put anything under
 * their names: a pipe keeps whoever opens it waiting for ever, a device does something, a link
 * leads away. So the type is looked at first, and no link is followed. No state.
 */
final class PlainFiles {
  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private PlainFiles() {}

  static boolean isThere(Path path) {
    return FileKind.look(path) != null;
  }

  /**
   * Whether it opens; what is no regular file counts as gone. Only an open may decide that it is
   * there: what is known of its type may be old.
   *
   * @throws IOException where nothing can be said
   */
  static boolean opens(Path file) throws IOException {
    if (FileKind.isStrange(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, READ)) {
      return channel.isOpen();
    } catch (NoSuchFileException | NotDirectoryException gone) {
      return false;
    } catch (FileSystemException e) {
      if (isGone(e)) {
        return false;
      }
      throw e;
    }
  }

  /** At most so many bytes of it; null where it is missing or no regular file. */
  static byte @Nullable [] read(Path file, int most) {
    if (FileKind.isStrange(file)) {
      return null;
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return in.readNBytes(most);
    } catch (IOException missing) {
      return null;
    }
  }

  /** For writing in place. What is no regular file is refused. */
  static FileChannel openToWrite(Path file, OpenOption... more) throws IOException {
    if (FileKind.isStrange(file)) {
      throw new FileSystemException(file.toString(), null, "it is not a regular file");
    }
    OpenOption[] options = new OpenOption[more.length + 2];
    System.arraycopy(more, 0, options, 0, more.length);
    options[more.length] = StandardOpenOption.WRITE;
    options[more.length + 1] = LinkOption.NOFOLLOW_LINKS;
    return FileChannel.open(file, options);
  }

  /** The names in a directory, which must be one. */
  static List<String> list(Path dir) throws IOException {
    BasicFileAttributes found = FileKind.look(dir);
    if (found != null && !found.isDirectory()) {
      throw new NotDirectoryException(dir.toString());
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      return names(entries);
    }
  }

  static List<String> names(DirectoryStream<Path> entries) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  static List<String> listOrNothing(Path dir) {
    try {
      return list(dir);
    } catch (IOException gone) {
      return List.of();
    }
  }

  /**
   * Removes a file whose name is nobody else's, ever; one that is already gone counts as removed.
   */
  static void remove(Path file) throws IOException {
    try {
      Files.delete(file);
    } catch (NoSuchFileException | NotDirectoryException done) {
      // O1: gone is gone
    } catch (FileSystemException e) {
      if (opens(file)) {
        throw e;
      }
    }
  }

  /** False where the reply was no; O1: whoever cares looks again. */
  static boolean deleteQuietly(Path path) {
    try {
      Files.delete(path);
      return true;
    } catch (IOException looked) {
      return false;
    }
  }

  /** The replies that say the same as "no such file". */
  static boolean isGone(FileSystemException e) {
    return isStaleHandle(e) || reason(e).contains("Not a directory");
  }

  static boolean isStaleHandle(FileSystemException e) {
    return reason(e).contains("Stale file handle");
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    return reason == null ? "" : reason;
  }
}
