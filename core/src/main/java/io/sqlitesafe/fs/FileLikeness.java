package io.sqlitesafe.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file is besides its content, to be given to the file that takes its place: owner, group,
 * permissions, ACL and extended attributes. Immutable.
 */
public final class FileLikeness {
  private final Path model;
  private final @Nullable PosixFileAttributes posix;
  private final Map<String, byte[]> extended;
  private final int links;

  private FileLikeness(
      Path model, @Nullable PosixFileAttributes posix, Map<String, byte[]> extended, int links) {
    this.model = model;
    this.posix = posix;
    this.extended = extended;
    this.links = links;
  }

  /** Reads it; opens nothing. */
  public static FileLikeness of(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    return new FileLikeness(
        file, view == null ? null : view.readAttributes(), extended(file), links(file));
  }

  /** For creating a file that nobody else can open before it has the likeness of another. */
  public static FileAttribute<?>[] ofOneselfOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(
              EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))
        }
        : new FileAttribute<?>[0];
  }

  private static int links(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) instanceof Integer n
          ? n
          : 1;
    } catch (UnsupportedOperationException | IllegalArgumentException noSuchThing) {
      return 1;
    }
  }

  private static Map<String, byte[]> extended(Path file) throws IOException {
    Map<String, byte[]> found = new LinkedHashMap<>();
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    if (view == null) {
      return found;
    }
    // Not by asking the FileStore, which cannot be found in a chroot: its root is no mount point.
    List<String> names;
    try {
      names = view.list();
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("not supported")) {
        return found;
      }
      throw e;
    }
    for (String name : names) {
      ByteBuffer value = ByteBuffer.allocate(view.size(name));
      view.read(name, value);
      found.put(name, value.array());
    }
    return found;
  }

  /** How many names it has. */
  public int links() {
    return links;
  }

  /**
   * Gives it to {@code file}.
   *
   * @throws IOException where it cannot be the same in everything
   */
  public void apply(Path file) throws IOException {
    for (Map.Entry<String, byte[]> each : extended.entrySet()) {
      Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
          .write(each.getKey(), ByteBuffer.wrap(each.getValue()));
    }
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view == null || posix == null) {
      return;
    }
    PosixFileAttributes now = view.readAttributes();
    if (!now.owner().equals(posix.owner())) {
      view.setOwner(posix.owner());
    }
    if (!now.group().equals(posix.group())) {
      view.setGroup(posix.group());
    }
    // Last: a change of owner or group may clear bits.
    if (!view.readAttributes().permissions().equals(posix.permissions())) {
      view.setPermissions(posix.permissions());
    }
    AccessControlList.copy(model, file);
  }
}
