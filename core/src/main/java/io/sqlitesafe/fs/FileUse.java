package io.sqlitesafe.fs;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who uses a file on this host, by Linux's {@code /proc}; elsewhere nobody is seen. Looks only, and
 * opens none of the files that it asks about (closing a descriptor of a database would drop this
 * process's SQLite locks on it).
 */
public final class FileUse {
  private static final Path PROC = Path.of("/proc");
  private static final long PENDING_BYTE = 0x40000000;
  private static final long RESERVED_BYTE = PENDING_BYTE + 1;
  private static final long SHARED_FIRST = PENDING_BYTE + 2;

  private FileUse() {}

  /**
   * A lock that SQLite holds on its database (sqlite.org/lockingv3.html).
   *
   * @param pid its process, as far as this name space can tell
   * @param kind SHARED, RESERVED, PENDING or EXCLUSIVE; WAL where it is on the shared memory file
   */
  public record SqliteLock(long pid, String kind) {}

  /** The POSIX locks on {@code file} that lie where SQLite puts its own. */
  public static List<SqliteLock> sqliteLocks(Path file) {
    List<SqliteLock> found = new ArrayList<>();
    try {
      Object inode = Files.getAttribute(file, "unix:ino");
      for (String line : Files.readAllLines(PROC.resolve("locks"))) {
        // "1: POSIX  ADVISORY  WRITE 4711 fd:00:12345 1073741825 1073741825"
        String[] fields = line.trim().split("\\s+");
        if (fields.length >= 8 && fields[1].equals("POSIX") && isInode(fields[5], inode)) {
          found.add(new SqliteLock(Long.parseLong(fields[4]), kind(fields)));
        }
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException notLinux) {
      // Nothing to be seen here.
    }
    return found;
  }

  /** Who holds any kind of lock on {@code file}, flock(2) included, in words. */
  public static List<String> locks(Path file) {
    List<String> found = new ArrayList<>();
    try {
      Object inode = Files.getAttribute(file, "unix:ino");
      for (String line : Files.readAllLines(PROC.resolve("locks"))) {
        String[] fields = line.trim().split("\\s+");
        if (fields.length >= 8 && !fields[1].equals("->") && isInode(fields[5], inode)) {
          found.add("pid " + fields[4] + " holds a lock on it (" + fields[1] + ")");
        }
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException notLinux) {
      // Nothing to be seen here.
    }
    return found;
  }

  private static boolean isInode(String device, Object inode) {
    return device.substring(device.lastIndexOf(':') + 1).equals(inode.toString());
  }

  private static String kind(String[] fields) {
    long first = Long.parseLong(fields[6]);
    boolean write = fields[3].toUpperCase(Locale.ROOT).equals("WRITE");
    if (first == RESERVED_BYTE) {
      return "RESERVED";
    }
    if (first == PENDING_BYTE) {
      return write && !fields[7].equals(fields[6]) ? "EXCLUSIVE" : "PENDING";
    }
    if (first >= SHARED_FIRST) {
      return write ? "EXCLUSIVE" : "SHARED";
    }
    return "WAL";
  }

  /**
   * Refuses where another process has the database open, as far as this user may see.
   *
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public static void requireNotOpenElsewhere(Path database) {
    Set<Long> users = openByOthers(database);
    if (!users.isEmpty()) {
      throw new SqliteSafeException(
              ErrorKind.UNSAFE,
              database + " is open in other processes: pid " + users,
              "stop them and run it again; nothing was changed",
              null)
          .with("openBy", users);
    }
  }

  /** As {@link #openBy}, without this process. */
  public static Set<Long> openByOthers(Path file) {
    Set<Long> users = openBy(file);
    // Not by this process's pid: /proc may be another name space's, where it has another one.
    String self = target(PROC.resolve("self"));
    users.removeIf(pid -> pid.toString().equals(self));
    return users;
  }

  /** The processes that have {@code file} open, as far as this user may see. */
  public static Set<Long> openBy(Path file) {
    Set<Long> pids = new TreeSet<>();
    String wanted = file.toString();
    for (Path process : entries(PROC)) {
      String name = String.valueOf(process.getFileName());
      if (!name.chars().allMatch(Character::isDigit)) {
        continue;
      }
      for (Path descriptor : entries(process.resolve("fd"))) {
        if (target(descriptor).equals(wanted)) {
          pids.add(Long.parseLong(name));
        }
      }
    }
    return pids;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static List<Path> entries(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException notOurs) {
      // Another user's process, or one that ended.
    }
    return entries;
  }
}
