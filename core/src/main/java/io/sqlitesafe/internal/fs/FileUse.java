package io.sqlitesafe.internal.fs;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
  private static final long INDEX_LOCKS = 120;
  private static final String LOG_READ = "write-ahead log's read";
  private static final int LONGEST_NAME = 60;

  private FileUse() {}

  /**
   * A lock that SQLite holds on its database (sqlite.org/lockingv3.html).
   *
   * @param pid its process, as far as this name space can tell
   * @param kind SHARED, RESERVED, PENDING or EXCLUSIVE; WAL where it is on the shared memory file
   */
  public record SqliteLock(long pid, String kind) {
    /** "pid 8751 (sqlite3) holds SQLite's RESERVED lock". */
    public String text() {
      return process(pid) + " holds SQLite's " + kind + " lock";
    }
  }

  /** The POSIX locks on {@code file} that lie where SQLite puts its own. */
  public static List<SqliteLock> sqliteLocks(Path file) {
    return locks(file, false);
  }

  /**
   * Who stands in the way of a writer of {@code database}: other processes with a lock that keeps
   * it out, or if there is none, with one that keeps it from ending its commit. Each process once.
   * With a write-ahead log these locks are on its index (sqlite.org/walformat.html, section 2.3).
   */
  public static List<SqliteLock> inTheWay(Path database) {
    Path index = database.resolveSibling(database.getFileName() + "-shm");
    boolean log = Files.exists(index);
    Map<Long, SqliteLock> writers = new TreeMap<>();
    Map<Long, SqliteLock> readers = new TreeMap<>();
    for (SqliteLock lock : log ? locks(index, true) : sqliteLocks(database)) {
      if (lock.pid() != ProcessHandle.current().pid() && !lock.kind().isEmpty()) {
        boolean reads = lock.kind().equals("SHARED") || lock.kind().equals(LOG_READ);
        (reads ? readers : writers).put(lock.pid(), lock);
      }
    }
    return List.copyOf((writers.isEmpty() ? readers : writers).values());
  }

  private static String indexKind(String[] fields) {
    long first = Long.parseLong(fields[6]);
    if (first == INDEX_LOCKS) {
      return "write-ahead log's write";
    }
    if (first == INDEX_LOCKS + 1) {
      return "write-ahead log's checkpoint";
    }
    if (first == INDEX_LOCKS + 2) {
      return "write-ahead log's recovery";
    }
    return first < INDEX_LOCKS + 8 ? LOG_READ : ""; // the last one says only that it is open
  }

  /**
   * A process as a person knows it: "pid 30193 (python3 app.py)". Of the command line the program
   * and its script, and nothing that could be a secret.
   */
  public static String process(long pid) {
    if (pid <= 0) {
      return "a process that cannot be seen from here (of another container)";
    }
    String program = program(pid);
    return "pid " + pid + (program.isEmpty() ? "" : " (" + program + ")");
  }

  /** The program of a process, in printable words; empty where that cannot be seen. */
  public static String program(long pid) {
    try {
      String line = Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
      String[] words = line.split("\0", -1);
      String name = words[0].substring(words[0].lastIndexOf('/') + 1);
      if (name.isEmpty()) {
        name = Files.readString(PROC.resolve(pid + "/comm"), StandardCharsets.ISO_8859_1).strip();
      }
      boolean script = words.length > 1 && words[1].matches("[A-Za-z0-9_./-]+\\.[a-z]{1,3}");
      return printable(
          name + (script ? " " + words[1].substring(words[1].lastIndexOf('/') + 1) : ""));
    } catch (IOException gone) {
      return "";
    }
  }

  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), LONGEST_NAME); i++) {
      char c = text.charAt(i);
      printable.append(c >= ' ' && c < 0x7f ? c : '?');
    }
    return printable.toString();
  }

  private static List<SqliteLock> locks(Path file, boolean index) {
    List<SqliteLock> found = new ArrayList<>();
    try {
      Object inode = Files.getAttribute(file, "unix:ino");
      for (String line : Files.readAllLines(PROC.resolve("locks"))) {
        // "1: POSIX  ADVISORY  WRITE 4711 fd:00:12345 1073741825 1073741825"
        String[] fields = line.trim().split("\\s+");
        if (fields.length >= 8 && fields[1].equals("POSIX") && isInode(fields[5], inode)) {
          found.add(
              new SqliteLock(Long.parseLong(fields[4]), index ? indexKind(fields) : kind(fields)));
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
      throw openIn(database, users);
    }
  }

  /** The refusal of a file that others have open. */
  public static SqliteSafeException openIn(Path database, Set<Long> users) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            database + " is open in " + processes(users),
            "stop them and run it again; nothing was changed",
            null)
        .with("openBy", users);
  }

  /** As {@link #openBy}, without this process. */
  public static Set<Long> openByOthers(Path file) {
    Set<Long> users = openBy(file);
    // Not by this process's pid: /proc may be another name space's, where it has another one.
    String self = target(PROC.resolve("self"));
    users.removeIf(pid -> pid.toString().equals(self));
    return users;
  }

  /** Several of {@link #process}. */
  public static String processes(Collection<Long> pids) {
    return String.join(", ", pids.stream().map(FileUse::process).toList());
  }

  /**
   * The processes that have {@code file} open, as far as this user may see: by its name, or by the
   * same last name in another place, for the directory may be mounted elsewhere too.
   */
  public static Set<Long> openBy(Path file) {
    Set<Long> pids = new TreeSet<>();
    String wanted = file.toString();
    for (Path process : entries(PROC)) {
      String name = String.valueOf(process.getFileName());
      if (!isNumber(name)) {
        continue;
      }
      for (Path descriptor : entries(process.resolve("fd"))) {
        String target = target(descriptor);
        if (target.equals(wanted)
            || (target.endsWith("/" + file.getFileName()) && isSame(descriptor, file))) {
          pids.add(Long.parseLong(name));
        }
      }
    }
    return pids;
  }

  private static boolean isNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Without opening it. */
  private static boolean isSame(Path descriptor, Path file) {
    try {
      return Files.isSameFile(descriptor, file);
    } catch (IOException gone) {
      return false;
    }
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
      for (Path entry : stream) {
        entries.add(entry);
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException notOurs) {
      // Another user's process, or one that ended.
    }
    return entries;
  }
}
