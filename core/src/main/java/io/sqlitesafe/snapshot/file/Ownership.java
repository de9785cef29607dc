package io.sqlitesafe.snapshot.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Owner, group and permissions of a file, to be given to its copy: never wider. Where the copy
 * cannot have the same group, that group's permissions go to nobody. Elsewhere than on POSIX file
 * systems a copy inherits what its directory gives.
 */
final class Ownership {
  private static final Set<PosixFilePermission> OF_GROUP =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE);

  private final @Nullable PosixFileAttributes model;

  private Ownership(@Nullable PosixFileAttributes model) {
    this.model = model;
  }

  static Ownership of(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    return new Ownership(view == null ? null : view.readAttributes());
  }

  /** For creating a file that nobody else can read while it is being written. */
  static FileAttribute<?>[] ofOneselfOnly(Path directory) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(
              EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE))
        }
        : new FileAttribute<?>[0];
  }

  void apply(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view == null || model == null) {
      return;
    }
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    permissions.addAll(model.permissions());
    PosixFileAttributes now = view.readAttributes();
    if (!now.group().equals(model.group()) && !changeGroup(view, model.group())) {
      permissions.removeAll(OF_GROUP);
    }
    if (!now.owner().equals(model.owner())) {
      changeOwner(view, model.owner());
    }
    // Last: a change of owner or group may clear bits.
    view.setPermissions(permissions);
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
      // It stays ours, with the permissions that the source's owner has on the source.
    }
  }
}
