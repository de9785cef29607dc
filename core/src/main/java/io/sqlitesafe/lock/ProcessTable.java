package io.sqlitesafe.lock;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * This host's processes, as far as the stale judgement needs them. Linux gives proof by {@code
 * /proc}; elsewhere {@link #self} lacks boot id and name space, so nothing is ever proven dead and
 * only time can break a lock.
 */
public final class ProcessTable {
  /** What is known of a recorded owner. */
  public enum Life {
    /** The process is there. */
    ALIVE,
    /** Same boot, same name space, and the process is gone or its pid belongs to another. */
    DEAD,
    /** The host is the same, but it has booted since. */
    REBOOTED,
    /** Another host or name space, or too little was recorded. */
    UNKNOWN
  }

  private final Path proc;
  private final ProcessIdentity self;

  private ProcessTable(Path proc, ProcessIdentity self) {
    this.proc = proc;
    this.self = self;
  }

  /** The running system. What is known of this process never changes, and is found out once. */
  public static ProcessTable ofThisHost() {
    return ThisHost.TABLE;
  }

  private static final class ThisHost {
    private static final ProcessTable TABLE = read();

    private static ProcessTable read() {
      Path proc = Path.of("/proc");
      long pid = ProcessHandle.current().pid();
      return new ProcessTable(
          proc,
          new ProcessIdentity(
              pid,
              hostname(proc),
              startTime(proc, pid),
              firstLine(proc.resolve("sys/kernel/random/boot_id")),
              link(proc.resolve("self/ns/pid")),
              machineId()));
    }
  }

  /** For tests: another {@code /proc} and another identity. */
  static ProcessTable of(Path proc, ProcessIdentity self) {
    return new ProcessTable(proc, self);
  }

  public ProcessIdentity self() {
    return self;
  }

  /** Judges the process of a record that is known to speak about the present claim. */
  public Life lifeOf(ProcessIdentity owner) {
    if (owner.bootId() == null || self.bootId() == null) {
      return Life.UNKNOWN;
    }
    if (!owner.bootId().equals(self.bootId())) {
      boolean sameMachine =
          owner.machineId() != null
              && owner.machineId().equals(self.machineId())
              && owner.hostname().equals(self.hostname());
      return sameMachine ? Life.REBOOTED : Life.UNKNOWN;
    }
    if (owner.pid() < 1
        || owner.pidNamespace() == null
        || !owner.pidNamespace().equals(self.pidNamespace())) {
      return Life.UNKNOWN;
    }
    return lifeInThisNamespace(owner);
  }

  private Life lifeInThisNamespace(ProcessIdentity owner) {
    try {
      String stat = Files.readString(statFile(proc, owner.pid()), StandardCharsets.ISO_8859_1);
      if (isZombie(stat) && isOnlyThread(owner.pid())) {
        return Life.DEAD;
      }
      boolean reused =
          owner.startTime() != null && !Objects.equals(owner.startTime(), startTimeIn(stat));
      return reused ? Life.DEAD : Life.ALIVE;
    } catch (NoSuchFileException gone) {
      // With hidepid=2 other users' processes seem absent; pid 1 tells whether we can see them.
      return Files.exists(statFile(proc, 1)) ? Life.DEAD : Life.UNKNOWN;
    } catch (IOException denied) {
      return Life.ALIVE; // present but not ours to look at: the kill(2) EPERM case
    }
  }

  /**
   * A killed process stays as a zombie until its parent reaps it, which in a container may be
   * never.
   */
  private static boolean isZombie(String stat) {
    char state = field(stat, 3).charAt(0);
    return state == 'Z' || state == 'X';
  }

  /** The first thread of a living process may have ended before the others. */
  private boolean isOnlyThread(long pid) {
    try (Stream<Path> threads = Files.list(proc.resolve(pid + "/task"))) {
      return threads.count() <= 1;
    } catch (IOException gone) {
      return true;
    }
  }

  private static Path statFile(Path proc, long pid) {
    return proc.resolve(pid + "/stat");
  }

  private static @Nullable String startTime(Path proc, long pid) {
    try {
      return startTimeIn(Files.readString(statFile(proc, pid), StandardCharsets.ISO_8859_1));
    } catch (IOException notLinux) {
      return null;
    }
  }

  private static String startTimeIn(String stat) {
    return field(stat, 22);
  }

  /**
   * Field numbers as in proc(5). The command name may hold blanks and parentheses, so count from
   * its end.
   */
  private static String field(String stat, int number) {
    String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    int index = number - 3;
    return index < rest.length && !rest[index].isEmpty() ? rest[index] : "?";
  }

  private static String hostname(Path proc) {
    String kernel = firstLine(proc.resolve("sys/kernel/hostname"));
    if (kernel != null) {
      return kernel;
    }
    String windows = System.getenv("COMPUTERNAME");
    String unix = System.getenv("HOSTNAME");
    return windows != null ? windows : unix != null ? unix : "localhost";
  }

  /** Salted, because the raw machine id is confidential (machine-id(5)) and the record is not. */
  private static @Nullable String machineId() {
    String id = firstLine(Path.of("/etc/machine-id"));
    if (id == null || id.isEmpty() || id.equals("uninitialized")) { // of an image, machine-id(5)
      return null;
    }
    byte[] salted = (OwnerRecord.PROTOCOL + ":" + id).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Sha256.digest(salted));
  }

  private static @Nullable String link(Path path) {
    try {
      return Files.readSymbolicLink(path).toString();
    } catch (IOException | UnsupportedOperationException notLinux) {
      return null;
    }
  }

  private static @Nullable String firstLine(Path path) {
    try {
      String text = Files.readString(path);
      int end = text.indexOf('\n');
      return (end < 0 ? text : text.substring(0, end)).strip();
    } catch (IOException absent) {
      return null;
    }
  }
}
