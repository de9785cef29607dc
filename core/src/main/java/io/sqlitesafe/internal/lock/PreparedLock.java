package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
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
    if (own == null || own.areOf(path)) {
      new PreparedLock(path, rights).fill(contents);
    } else {
      handOver(path, own, contents);
    }
  }

  /**
   * Of a directory just made, or of what somebody has put in its place meanwhile: then it fails.
   */
  static void handOver(Path path, Rights own, Content... contents) throws IOException {
    new PreparedLock(path, own).fillAndHandOver(own, own.leftAt(path), contents);
  }

  private void fill(Content... contents) throws IOException {
    FileAttribute<?>[] attributes = Rights.toCreate(rights == null ? null : rights.ofFile());
    for (Content content : contents) {
      try (FileChannel file = FileChannel.open(path.resolve(content.name), NEW, attributes)) {
        write(file, content);
      }
    }
  }

  private void fillAndHandOver(Rights wanted, Rights made, Content... contents) throws IOException {
    Path parent = path.resolveSibling("");
    Path name = path.getFileName();
    try (DirectoryStream<Path> above = Files.newDirectoryStream(parent)) {
      if (!(above instanceof SecureDirectoryStream<Path> handle) || name == null) {
        fill(contents);
        return;
      }
      try (SecureDirectoryStream<Path> opened =
          handle.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        fillAndHandOver(opened, wanted, made, contents);
      }
    }
  }

  private void fillAndHandOver(
      SecureDirectoryStream<Path> opened, Rights wanted, Rights made, Content... contents)
      throws IOException {
    PosixFileAttributeView directory = opened.getFileAttributeView(PosixFileAttributeView.class);
    Rights.close(directory);
    for (Content content : contents) {
      Path file = path.getFileSystem().getPath(content.name);
      try (SeekableByteChannel channel = opened.newByteChannel(file, NEW, Rights.ofOneselfOnly())) {
        write(channel, content);
      }
      wanted
          .ofFile()
          .give(
              opened.getFileAttributeView(
                  file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS),
              made.ofFile());
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
      handOver(path, own);
    }
  }

  /** Claim first, so that no moment shows a claimed directory without its record. */
  static void discard(Path path) {
    if (!isDirectory(path)) {
      return;
    }
    List<String> names = PlainFiles.listOrNothing(path);
    for (String name : names) {
      if (name.startsWith(LockPaths.CLAIM_PREFIX)) { // one's own, or of a lock moved aside by force
        PlainFiles.deleteQuietly(path.resolve(name));
      }
    }
    for (String name : new String[] {LockPaths.OWNER, LockPaths.HEARTBEAT}) {
      PlainFiles.deleteQuietly(path.resolve(name));
    }
    PlainFiles.deleteQuietly(path);
  }

  /** Removes what {@link LockDirectory} has moved aside, as far as it can be removed yet. */
  static void discardAside(Path path) {
    if (!isDirectory(path)) {
      return;
    }
    for (String name : PlainFiles.listOrNothing(path)) {
      if (LockPaths.isSilly(name)) {
        PlainFiles.deleteQuietly(path.resolve(name));
      }
    }
    PlainFiles.deleteQuietly(path);
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
