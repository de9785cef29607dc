package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.fs.UserIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what with the files of a lock: whoever may write to the database may also break its
 * lock, and nobody else (protocol section 2). So they get owner, group and permissions from the
 * database, as far as their maker may give them.
 *
 * @param database whose they are
 * @param user its owner, as a number
 * @param group its group
 * @param mode its permissions
 */
record Rights(Path database, int user, int group, int mode) {
  private static final int READ = 0444;
  private static final int OWNER_ALL = 0700;
  private static final int OWNER_FILE = 0600;
  private static final String NUMBERS = "unix:uid,gid,mode";
  private static final int RESERVED = 0555;
  private static final int KIND = 0170000;
  private static final int LINK = 0120000;
  private static final int STICKY = 01000;
  private static final int OTHERS_WRITE = 022;
  private static final Path SELF = Path.of("/proc/self/");
  private static final FileAttribute<?>[] NONE = {};
  private static final boolean POSIX = !System.getProperty("os.name", "").startsWith("Windows");

  /** Null where there is no database yet, or none of these things: then the umask decides. */
  static @Nullable Rights of(Path database) {
    return read(database, database);
  }

  /** Those of another file of this database; null of a link, whose place is none of its own. */
  private static @Nullable Rights read(Path database, Path file) {
    try {
      Map<String, Object> found = Files.readAttributes(file, NUMBERS, LinkOption.NOFOLLOW_LINKS);
      int bits = number(found, "mode");
      return (bits & KIND) == LINK
          ? null
          : new Rights(database, number(found, "uid"), number(found, "gid"), bits & 0777);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException none) {
      return null;
    }
  }

  private static int number(Map<String, Object> found, String name) {
    return found.get(name) instanceof Integer value ? value : -1;
  }

  /** Those that a directory of the lock should have: whoever may read must be able to enter. */
  Rights ofDirectory() {
    return new Rights(database, user, group, mode | (mode & READ) >> 2 | OWNER_ALL);
  }

  /** Those of a file in it. */
  Rights ofFile() {
    return new Rights(database, user, group, (mode | OWNER_FILE) & 0666);
  }

  /** Those of the directory of the readers, in which each of them makes a file. */
  Rights ofReaders() {
    int read = mode & READ;
    return new Rights(database, user, group, read | read >> 1 | read >> 2 | OWNER_ALL);
  }

  /** Whether {@code file} has them already. */
  boolean areOf(Path file) {
    Rights found = read(database, file);
    // Not equals(): that of a record is spun at its first use, which takes longer than the lock.
    return found != null && found.user == user && found.group == group && found.mode == mode;
  }

  /**
   * Whether nobody but the user whom they are of, and root, can exchange what lies in {@code
   * directory}.
   */
  boolean onlyTheirsIs(Path directory) {
    try {
      Map<String, Object> found = Files.readAttributes(directory, NUMBERS);
      int owner = number(found, "uid");
      int bits = number(found, "mode");
      return (owner == user || owner == UserIds.ROOT)
          && ((bits & OTHERS_WRITE) == 0 || (bits & STICKY) != 0);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return false;
    }
  }

  /** Whether what was opened belongs to the user this process acts as, or that cannot be known. */
  static boolean isOneselfs(PosixFileAttributeView view) throws IOException {
    UserPrincipal owner = view.readAttributes().owner();
    try {
      return owner.equals(Files.getOwner(SELF));
    } catch (IOException | UnsupportedOperationException unknown) {
      return true;
    }
  }

  /** What the umask has left of them at {@code file}. */
  Rights leftAt(Path file) {
    Rights found = read(database, file);
    return new Rights(database, user, group, found == null ? mode : mode & found.mode);
  }

  /** For creating it; the umask may take some. */
  static FileAttribute<?>[] toCreate(@Nullable Rights rights) {
    return rights == null ? NONE : new FileAttribute<?>[] {creating(rights.mode)};
  }

  /** For a reservation, to which nobody may write. */
  static FileAttribute<?>[] ofReservation() {
    return POSIX ? new FileAttribute<?>[] {creating(RESERVED)} : NONE;
  }

  /** For creating what is nobody else's yet. */
  static FileAttribute<?> ofOneselfOnly() {
    return creating(OWNER_FILE);
  }

  FileAttribute<?> creating() {
    return creating(mode);
  }

  private static FileAttribute<?> creating(int mode) {
    return PosixFilePermissions.asFileAttribute(permissions(mode));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's r down
    for (int i = 0; i < all.length; i++) {
      if ((mode & 0400 >> i) != 0) {
        permissions.add(all[i]);
      }
    }
    return permissions;
  }

  /**
   * Gives them, as far as this user may. Where the group cannot be given, its permissions would be
   * another's.
   *
   * @param otherwise what it gets then
   */
  void give(PosixFileAttributeView view, Rights otherwise) throws IOException {
    PosixFileAttributes model = Files.readAttributes(database, PosixFileAttributes.class);
    boolean grouped = view.readAttributes().group().equals(model.group());
    if (!grouped) {
      try {
        view.setGroup(model.group());
        grouped = true;
      } catch (IOException notAMember) {
        // It keeps the group of its maker.
      }
    }
    view.setPermissions(permissions(grouped ? mode : otherwise.mode));
    if (!view.readAttributes().owner().equals(model.owner())) {
      try {
        view.setOwner(model.owner());
      } catch (IOException onlyRootMay) {
        // The owner of the database still is in its group, or owns the directory.
      }
    }
  }

  /** Takes all but the owner's away for a while. */
  static void close(PosixFileAttributeView view) throws IOException {
    view.setPermissions(permissions(OWNER_ALL));
  }
}
