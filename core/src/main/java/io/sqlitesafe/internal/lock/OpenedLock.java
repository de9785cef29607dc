package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.FileKind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lock directory as it was opened: what is done through it is done to that one, whatever has
 * its name by then. Where the system cannot do that (Windows), to what has the name. For one
 * thread, and for a moment.
 *
 * <p>An empty directory says nothing of who made it, and other programs lock by one. Ours can be
 * told from theirs by permissions that no {@code mkdir} gives: a reservation (A2) has no write bit
 * at all, and from a directory whose claim is about to be taken away others get the right to write
 * without that to enter, which is none ({@link #mark}).
 */
final class OpenedLock implements AutoCloseable {
  private static final Set<PosixFilePermission> WRITE =
      EnumSet.of(
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_WRITE);

  private final Path path;
  private final DirectoryStream<Path> stream;
  private final @Nullable SecureDirectoryStream<Path> secure;
  private final List<String> names;
  private final @Nullable PosixFileAttributes attributes;

  private OpenedLock(Path path, DirectoryStream<Path> stream, boolean listed) throws IOException {
    this.path = path;
    this.stream = stream;
    this.names = listed ? PlainFiles.names(stream) : List.of();
    this.secure = stream instanceof SecureDirectoryStream<Path> handle ? handle : null;
    PosixFileAttributeView view = view();
    this.attributes = view == null ? null : view.readAttributes();
  }

  /**
   * Opens and lists it.
   *
   * @throws NoSuchFileException where there is none
   * @throws NotDirectoryException where it is something else, with the reason
   */
  static OpenedLock open(Path lock) throws IOException {
    return open(lock, true);
  }

  /** As {@link #open}, without names: for whoever knows what is in it. */
  static OpenedLock openUnlisted(Path lock) throws IOException {
    return open(lock, false);
  }

  private static OpenedLock open(Path lock, boolean listed) throws IOException {
    BasicFileAttributes found = FileKind.look(lock);
    if (found != null && !found.isDirectory()) {
      throw new NotDirectoryException(lock.toString());
    }
    DirectoryStream<Path> stream;
    try {
      stream = Files.newDirectoryStream(lock);
    } catch (FileSystemException e) {
      throw PlainFiles.isStaleHandle(e) ? new NoSuchFileException(lock.toString()) : e;
    }
    try {
      OpenedLock opened = new OpenedLock(lock, stream, listed);
      if (found == null || opened.isOther(found)) {
        opened.close();
        throw new NoSuchFileException(lock.toString()); // perhaps a link has come to its place
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private @Nullable PosixFileAttributeView view() {
    return secure == null ? null : secure.getFileAttributeView(PosixFileAttributeView.class);
  }

  /** What was in it when it was opened. */
  List<String> names() {
    return names;
  }

  /** Whether a file of that name is in it. */
  boolean has(String name) {
    if (secure == null) {
      return PlainFiles.isThere(path.resolve(name));
    }
    try {
      return look(secure, name).isRegularFile();
    } catch (IOException gone) {
      return false;
    }
  }

  private BasicFileAttributes look(SecureDirectoryStream<Path> in, String name) throws IOException {
    Path file = path.getFileSystem().getPath(name);
    return in.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  /** Whether it is an acquirer's between A2 and A3, if it is empty. */
  boolean isReservation() {
    if (attributes == null) {
      return false;
    }
    Set<PosixFilePermission> permissions = EnumSet.copyOf(WRITE);
    permissions.retainAll(attributes.permissions());
    return permissions.isEmpty();
  }

  /** Whether it is one that had a claim, if it is empty. */
  boolean isMarked() {
    return attributes != null && isMarked(attributes.permissions());
  }

  private static boolean isMarked(Set<PosixFilePermission> permissions) {
    return permissions.contains(PosixFilePermission.OTHERS_WRITE)
        && !permissions.contains(PosixFilePermission.OTHERS_EXECUTE);
  }

  /**
   * Makes it recognisable as ours for the moment in which it will be empty. As far as this user
   * may: whoever removes another's lock and is killed just then leaves an empty directory that only
   * a person can judge.
   */
  void mark() {
    PosixFileAttributeView view = view();
    if (view == null || attributes == null || isMarked()) {
      return;
    }
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(attributes.permissions());
    permissions.add(PosixFilePermission.OTHERS_WRITE);
    permissions.remove(PosixFilePermission.OTHERS_EXECUTE);
    try {
      view.setPermissions(permissions);
    } catch (IOException notOurs) {
      // The owner of the directory, and root, could.
    }
  }

  /** Removes a file of it. */
  void delete(String name) throws IOException {
    if (secure == null) {
      Files.delete(path.resolve(name));
    } else {
      secure.deleteFile(path.getFileSystem().getPath(name));
    }
  }

  /** As {@link #delete}, or an empty directory; where it cannot be removed it stays. */
  void deleteQuietly(String name) {
    try {
      if (secure != null && look(secure, name).isDirectory()) {
        secure.deleteDirectory(path.getFileSystem().getPath(name));
      } else {
        delete(name);
      }
    } catch (IOException staysOrGone) {
      // So it is.
    }
  }

  /**
   * Removes it, if it is still at its name. Nothing may come between the two: another's empty
   * directory could be there by then.
   *
   * @return whether it is gone
   */
  boolean removeFromItsName() {
    BasicFileAttributes there = FileKind.look(path);
    if (there == null) {
      return true;
    }
    return !isOther(there) && PlainFiles.deleteQuietly(path);
  }

  private boolean isOther(BasicFileAttributes there) {
    Object key = there.fileKey();
    return attributes != null && key != null && !key.equals(attributes.fileKey());
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException read) {
      // It was only looked at.
    }
  }
}
