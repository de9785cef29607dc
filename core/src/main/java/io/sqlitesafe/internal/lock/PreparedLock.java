package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * N(t): a private directory beside the database, complete with the rights of its files before
 * anything in it gets its public name. For one thread.
 *
 * <p>Usually it has the right owner and permissions by being made. Else they are given through the
 * opened directory, never by a name: this may be root, in a directory of a user who puts something
 * else there meanwhile. And its files get theirs while nobody else may enter.
 */
final class PreparedLock {
  static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private static final String NOBODYS = "/"; // how no name begins

  private final Path path;
  private final @Nullable Rights rights;

  private PreparedLock(Path path, @Nullable Rights rights) {
    this.path = path;
    this.rights = rights;
  }

  /** A file of it. */
  record Content(String name, byte[] bytes, boolean synced) {}

  /** Makes it with these files, in this order. */
  static void make(LockPaths paths, Path path, Content... contents) throws IOException {
    Rights rights = Rights.of(paths.database());
    Rights own = rights == null ? null : rights.ofDirectory();
    Files.createDirectory(path, Rights.toCreate(own));
    if (own == null || own.areOf(path) && own.onlyTheirsIs(path.resolveSibling(""))) {
      new PreparedLock(path, rights).fill(contents);
    } else {
      handOver(path, own, contents);
    }
  }

  /**
   * Of a directory just made. Fails if somebody has put something else in its place meanwhile: a
   * link, or a directory that is in use. In an empty one of theirs they could exchange the files as
   * well, so these are given to nobody; that of root on NFS, which is nobody's, looks the same.
   */
  static void handOver(Path path, Rights own, Content... contents) throws IOException {
    new PreparedLock(path, own).fillAndHandOver(own, NOBODYS, contents);
  }

  /**
   * As {@link #handOver}, of a directory into which others put their files, too.
   *
   * @param others how the names of those begin
   */
  static void handOverShared(Path path, Rights own, String others) throws IOException {
    new PreparedLock(path, own).fillAndHandOver(own, others);
  }

  private void fill(Content... contents) throws IOException {
    FileAttribute<?>[] attributes = Rights.toCreate(rights == null ? null : rights.ofFile());
    for (Content content : contents) {
      try (FileChannel file = FileChannel.open(path.resolve(content.name), NEW, attributes)) {
        write(file, content);
      }
    }
  }

  private void fillAndHandOver(Rights wanted, String others, Content... contents)
      throws IOException {
    Rights made = wanted.leftAt(path);
    Path parent = path.resolveSibling("");
    Path name = path.getFileName();
    try (DirectoryStream<Path> above = Files.newDirectoryStream(parent)) {
      if (!(above instanceof SecureDirectoryStream<Path> handle) || name == null) {
        fill(contents);
        return;
      }
      try (SecureDirectoryStream<Path> opened =
          handle.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        fillAndHandOver(opened, wanted, made, others, contents);
      }
    }
  }

  private void fillAndHandOver(
      SecureDirectoryStream<Path> opened,
      Rights wanted,
      Rights made,
      String others,
      Content... contents)
      throws IOException {
    PosixFileAttributeView directory = opened.getFileAttributeView(PosixFileAttributeView.class);
    for (Path other : opened) {
      if (!String.valueOf(other.getFileName()).startsWith(others)) {
        throw new FileSystemException(
            path.toString(), null, "somebody has put another directory in its place");
      }
    }
    boolean ours = contents.length > 0 && Rights.isOneselfs(directory);
    if (ours) {
      Rights.close(directory);
    }
    for (Content content : contents) {
      Path file = path.getFileSystem().getPath(content.name);
      FileAttribute<?> mode = ours ? Rights.ofOneselfOnly() : wanted.ofFile().creating();
      try (SeekableByteChannel channel = opened.newByteChannel(file, NEW, mode)) {
        write(channel, content);
      }
      if (ours) {
        PosixFileAttributeView view =
            opened.getFileAttributeView(
                file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        wanted.ofFile().give(view, made.ofFile());
      }
    }
    wanted.give(directory, made);
  }

  private static void write(SeekableByteChannel file, Content content) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(content.bytes);
    while (rest.hasRemaining()) {
      file.write(rest);
    }
    if (content.synced && file instanceof FileChannel channel) {
      channel.force(true);
    }
  }

  /** Makes the directory of the readers, which marks the database. */
  static void makeReaders(LockPaths paths) throws IOException {
    Rights rights = Rights.of(paths.database());
    Rights own = rights == null ? null : rights.ofReaders();
    Path path = paths.readers();
    Files.createDirectory(path, Rights.toCreate(own));
    if (own != null && !own.areOf(path)) {
      handOverShared(path, own, LockPaths.MARKER_PREFIX);
    }
  }

  /** Claim first, so that no moment shows a claimed directory without its record. */
  static void discard(Path path) {
    // A claim is one's own, or of a lock moved aside by force.
    remove(
        path,
        name -> name.startsWith(LockPaths.CLAIM_PREFIX),
        name -> name.equals(LockPaths.OWNER) || name.equals(LockPaths.HEARTBEAT));
  }

  /** Removes what {@link LockDirectory} has moved aside, as far as it can be removed yet. */
  static void discardAside(Path path) {
    remove(path, LockPaths::isSilly);
  }

  /** Those files of it in this order, then itself if it is empty. Never what a link leads to. */
  @SafeVarargs
  private static void remove(Path path, Predicate<String>... inTurn) {
    try (OpenedLock opened = OpenedLock.open(path)) {
      for (Predicate<String> which : inTurn) {
        for (String name : opened.names()) {
          if (which.test(name)) {
            opened.deleteQuietly(name);
          }
        }
      }
      opened.removeFromItsName();
    } catch (IOException goneOrAnothers) {
      // As far as it can be removed.
    }
  }

  /** A link in its place would lead to files of others. */
  static boolean isDirectory(Path path) {
    BasicFileAttributes found = FileKind.look(path);
    return found != null && found.isDirectory();
  }

  /** Whether that is a prepared directory or one for files moved aside. */
  static boolean isAside(Path path) {
    List<String> names = PlainFiles.listOrNothing(path);
    return !names.isEmpty() && names.stream().allMatch(LockPaths::isSilly);
  }
}
