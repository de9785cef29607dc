package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import io.sqlitesafe.lock.ProcessIdentity;
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
 *
 * <p>What is at {@code /proc} need not be this process's own: a container can be given its host's,
 * in which its pids belong to others. Whatever this process says of itself comes from {@code
 * /proc/self}, which is right in each of them; and nobody is judged by one of another name space.
 */
public final class ProcessTable {
  private final ProcFiles proc;
  private final ProcessIdentity self;

  private ProcessTable(ProcFiles proc, ProcessIdentity self) {
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
          new ProcFiles(proc, proc.resolve("self"), pid),
          new ProcessIdentity(
              pid,
              hostname(proc),
              ownStartTime(proc, pid),
              firstLine(proc.resolve("sys/kernel/random/boot_id")),
              link(proc.resolve("self/ns/pid")),
              link(proc.resolve("self/ns/time")),
              machineId()));
    }
  }

  /** For tests: another {@code /proc}, {@code /proc/self} and identity. */
  public static ProcessTable of(Path proc, Path link, ProcessIdentity self) {
    return new ProcessTable(new ProcFiles(proc, link, self.pid()), self);
  }

  public ProcessIdentity self() {
    return self;
  }

  /** A process of this host as the worker of a record: see {@link DatabaseLock#declareWorker}. */
  OwnerRecord.Worker worker(long pid) {
    String stat = proc.isOwn() ? proc.stat(pid) : null;
    return new OwnerRecord.Worker(pid, stat == null ? null : ProcFiles.startTime(stat));
  }

  /**
   * Judges the owner of a record that is known to speak about the present claim: dead only if its
   * worker is, too.
   */
  public Life lifeOf(OwnerRecord record) {
    Life owner = lifeOf(record.process());
    OwnerRecord.Worker worker = record.worker();
    if (owner != Life.DEAD || worker == null) {
      return owner;
    }
    Life working = lifeOf(record.process().sibling(worker.pid(), worker.startTime()));
    boolean going =
        working == Life.ALIVE
            || (working == Life.DEAD && record.token() != null && proc.hasHeirs(record.token()));
    return going ? Life.WORKING : working;
  }

  /**
   * What the name of a claim tells by itself, where there is no record of its owner: {@link
   * Life#REBOOTED}, or nothing.
   */
  Life lifeByToken(LockToken token) {
    String mark = self.bootPrefix();
    boolean earlier =
        mark != null
            && token.hex().startsWith(mark.substring(0, ProcessIdentity.MACHINE_DIGITS))
            && !token.hex().startsWith(mark);
    return earlier ? Life.REBOOTED : Life.UNKNOWN;
  }

  /** Judges one process. */
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
        || !owner.pidNamespace().equals(self.pidNamespace())
        || !proc.isOwn()) {
      return Life.UNKNOWN;
    }
    return lifeInThisNamespace(owner);
  }

  private Life lifeInThisNamespace(ProcessIdentity owner) {
    String stat;
    try {
      stat = proc.readStat(owner.pid());
    } catch (NoSuchFileException gone) {
      return proc.showsOthers() ? Life.DEAD : Life.UNKNOWN;
    } catch (IOException denied) {
      return Life.ALIVE; // present but not ours to look at: the kill(2) EPERM case
    }
    if (ProcFiles.isZombie(stat) && isOnlyThread(owner.pid())) {
      return Life.DEAD;
    }
    return isAnother(owner, ProcFiles.startTime(stat));
  }

  /**
   * Whether the pid was reused. The time of a start is told to each reader as its own time name
   * space counts it, so that in another one it proves nothing, neither way.
   */
  private Life isAnother(ProcessIdentity owner, @Nullable String start) {
    if (owner.startTime() == null || start == null || owner.startTime().equals(start)) {
      return Life.ALIVE;
    }
    boolean comparable = Objects.equals(owner.timeNamespace(), self.timeNamespace());
    return comparable ? Life.DEAD : Life.UNKNOWN;
  }

  /** The first thread of a living process may have ended before the others. */
  private boolean isOnlyThread(long pid) {
    try (Stream<Path> threads = Files.list(proc.of(pid).resolve("task"))) {
      return threads.count() <= 1;
    } catch (IOException gone) {
      return true;
    }
  }

  /** Null where {@code /proc} is missing or another name space's: then it is left out. */
  private static @Nullable String ownStartTime(Path proc, long pid) {
    try {
      String stat = Files.readString(proc.resolve("self/stat"), StandardCharsets.ISO_8859_1);
      return stat.startsWith(pid + " ") ? ProcFiles.startTime(stat) : null;
    } catch (IOException notLinux) {
      return null;
    }
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
