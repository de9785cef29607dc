package io.sqlitesafe.internal.fs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a file is besides its content (owner, group, permissions, POSIX ACL), to be given to another
 * one: either exactly, to what takes its place, or never more than that, to a copy or to what tells
 * of its content. Given through the open file, so that nobody can put another one under its name
 * first; by its name only where a system has no /proc. Immutable.
 *
 * <p>Elsewhere than on POSIX file systems a file is what its directory makes it.
 */
public final class FileLikeness {
  private static final Set<PosixFilePermission> OF_GROUP =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE);

  private final @Nullable Path model;
  private final @Nullable PosixFileAttributes posix;
  private final Set<PosixFilePermission> permissions;
  private final boolean output;

  private FileLikeness(
      @Nullable Path model,
      @Nullable PosixFileAttributes posix,
      Set<PosixFilePermission> permissions,
      boolean output) {
    this.model = model;
    this.posix = posix;
    this.permissions = permissions;
    this.output = output;
  }

  /** Of {@code model}. Opens nothing: closing it would drop this process's locks on a database. */
  public static FileLikeness of(Path model) throws IOException {
    PosixFileAttributeView view = view(model);
    PosixFileAttributes posix = view == null ? null : view.readAttributes();
    Set<PosixFilePermission> permissions = noPermissions();
    if (posix != null) {
      permissions.addAll(posix.permissions());
    }
    return new FileLikeness(model, posix, permissions, false);
  }

  /** Of a new file that is a copy of {@code model}, as far as this user's umask allows. */
  public static FileLikeness ofCopy(Path model) throws IOException {
    return of(model).masked();
  }

  /** Of a new file that nothing is a model for. */
  public static FileLikeness ofNewFile() {
    Set<PosixFilePermission> all = PosixFilePermissions.fromString("rw-rw-rw-");
    return new FileLikeness(null, null, all, true).masked();
  }

  /**
   * Of an output: as the file that it takes the place of, else as a new one.
   *
   * @param target where it is put; resolved
   * @param models the files whose content it tells of, which it opens to nobody else; those that
   *     are no regular files (standard input) do not count
   */
  public static FileLikeness ofOutput(Path target, List<Path> models) throws IOException {
    List<Path> files = models.stream().filter(Files::isRegularFile).toList();
    boolean there = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    FileLikeness likeness =
        there ? of(target) : files.isEmpty() ? ofNewFile() : ofCopy(files.get(0));
    for (Path each : files) {
      likeness = likeness.narrowedTo(of(each));
    }
    return new FileLikeness(likeness.model, likeness.posix, likeness.permissions, true);
  }

  /** Without the permissions that {@code other} does not give. */
  public FileLikeness narrowedTo(FileLikeness other) {
    Set<PosixFilePermission> both = noPermissions();
    both.addAll(permissions);
    if (other.posix != null) {
      both.retainAll(other.permissions);
      if (posix != null && !posix.group().equals(other.posix.group())) {
        withoutGroup(both);
      }
    }
    return new FileLikeness(model, posix, both, output);
  }

  /** For what others may look at, but must not be able to change. */
  public FileLikeness withoutOthersWriting() {
    Set<PosixFilePermission> less = noPermissions();
    less.addAll(permissions);
    less.remove(PosixFilePermission.GROUP_WRITE);
    less.remove(PosixFilePermission.OTHERS_WRITE);
    return new FileLikeness(model, posix, less, output);
  }

  private FileLikeness masked() {
    return new FileLikeness(model, posix, Umask.applyTo(permissions), output);
  }

  private static Set<PosixFilePermission> noPermissions() {
    return EnumSet.noneOf(PosixFilePermission.class);
  }

  private static @Nullable PosixFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, PosixFileAttributeView.class);
  }

  /**
   * Makes {@code open} the same in everything, extended attributes too. Reads those of the model
   * through a descriptor, so not while this process holds SQLite's locks on it.
   *
   * @param name of the open file
   * @throws IOException where that cannot be
   */
  public void applyExactly(FileChannel open, Path name) throws IOException {
    Path file = handle(open, name);
    if (model != null) {
      copyExtended(model, file);
    }
    PosixFileAttributeView view = view(file);
    if (view == null || posix == null || model == null) {
      return;
    }
    PosixFileAttributes now = view.readAttributes();
    if (!now.owner().equals(posix.owner())) {
      view.setOwner(posix.owner());
    }
    if (!now.group().equals(posix.group())) {
      view.setGroup(posix.group());
    }
    AccessControlList.copy(model, file);
    // Last: a change of owner or group may clear bits.
    if (!view.readAttributes().permissions().equals(permissions)) {
      view.setPermissions(permissions);
    }
  }

  /**
   * Makes {@code open} as like as this user can, and never wider: where it cannot have the same
   * group, that group's permissions go to nobody.
   *
   * @param name of the open file, which nobody else can read yet
   */
  public void applyOrNarrower(FileChannel open, Path name) throws IOException {
    Path file = handle(open, name);
    PosixFileAttributeView view = view(file);
    if (view == null) {
      return;
    }
    Set<PosixFilePermission> wanted = noPermissions();
    wanted.addAll(permissions);
    PosixFileAttributes now = view.readAttributes();
    if (posix != null && model != null) {
      if (!now.group().equals(posix.group()) && !changeGroup(view, posix.group())) {
        withoutGroup(wanted);
      }
      if (!now.owner().equals(posix.owner())) {
        changeOwner(view, posix.owner());
      }
      if (mayHaveList(wanted) && !copyAccess(model, file)) {
        withoutGroup(wanted);
      }
    }
    // Last: a change of owner or group may clear bits, and with an ACL this sets its mask.
    if (!view.readAttributes().permissions().equals(wanted)) {
      view.setPermissions(wanted);
    }
  }

  /**
   * Whether an ACL could make a difference: without permissions of the group its entries are masked
   * out (acl(5)). For an output, which is made with each write, another program is not asked either
   * where all others may do what the group may.
   */
  private boolean mayHaveList(Set<PosixFilePermission> wanted) {
    boolean group = wanted.stream().anyMatch(OF_GROUP::contains);
    boolean asOthers =
        (!wanted.contains(PosixFilePermission.GROUP_READ)
                || wanted.contains(PosixFilePermission.OTHERS_READ))
            && (!wanted.contains(PosixFilePermission.GROUP_WRITE)
                || wanted.contains(PosixFilePermission.OTHERS_WRITE))
            && (!wanted.contains(PosixFilePermission.GROUP_EXECUTE)
                || wanted.contains(PosixFilePermission.OTHERS_EXECUTE));
    return group && !(output && asOthers);
  }

  private static Path handle(FileChannel open, Path name) throws IOException {
    Path path = OpenFiles.path(open);
    return path == null ? name : path;
  }

  /** Those of the former group are others now, and get no more than they had. */
  private static void withoutGroup(Set<PosixFilePermission> permissions) {
    if (!permissions.contains(PosixFilePermission.GROUP_READ)) {
      permissions.remove(PosixFilePermission.OTHERS_READ);
    }
    if (!permissions.contains(PosixFilePermission.GROUP_WRITE)) {
      permissions.remove(PosixFilePermission.OTHERS_WRITE);
    }
    if (!permissions.contains(PosixFilePermission.GROUP_EXECUTE)) {
      permissions.remove(PosixFilePermission.OTHERS_EXECUTE);
    }
    permissions.removeAll(OF_GROUP);
  }

  private static boolean copyAccess(Path model, Path file) {
    try {
      AccessControlList.copy(model, file);
      return true;
    } catch (IOException cannot) {
      return false;
    }
  }

  private static boolean changeGroup(PosixFileAttributeView view, GroupPrincipal group) {
    try {
      view.setGroup(group);
      return true;
    } catch (IOException notAllowed) {
      return false;
    }
  }

  private static void changeOwner(PosixFileAttributeView view, UserPrincipal owner) {
    try {
      view.setOwner(owner);
    } catch (IOException onlyRootMay) {
      // It stays ours, with the permissions that the model's owner has on the model.
    }
  }

  private static void copyExtended(Path model, Path file) throws IOException {
    UserDefinedFileAttributeView from =
        Files.getFileAttributeView(model, UserDefinedFileAttributeView.class);
    if (from == null) {
      return;
    }
    // Not by asking the FileStore, which cannot be found in a chroot: its root is no mount point.
    List<String> names;
    try {
      names = from.list();
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("not supported")) {
        return;
      }
      throw e;
    }
    Map<String, ByteBuffer> found = new LinkedHashMap<>();
    for (String name : names) {
      ByteBuffer value = ByteBuffer.allocate(from.size(name));
      from.read(name, value);
      found.put(name, value.flip());
    }
    UserDefinedFileAttributeView to =
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    for (Map.Entry<String, ByteBuffer> each : found.entrySet()) {
      to.write(each.getKey(), each.getValue());
    }
  }
}
