package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.StaleJudge;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.mount.FileMounts;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of a database's lock from outside, at one moment.
 *
 * @param database resolved
 * @param lock the lock directory, there or not
 * @param verdict what one look says
 * @param reason why, in a clause
 * @param holder the owner, if there is one
 * @param life what is known of its process
 * @param files files beside the database that tell of use or a crash, by name
 * @param sqliteLocks SQLite's own locks, held by processes of this host
 * @param openBy processes of this host that have the database open
 * @param mount the file system
 * @param access what the database is marked with
 * @param readers who holds a shared lock, in network-exclusive access
 * @param foreign what is there that is not ours; null where nothing is
 * @param names other names of the database, each with a lock of its own
 * @param waiters who shows that he waits for the lock, the longest first; who has not waited for
 *     long, or is of another make, does not
 * @param kept for how long the owner has kept the lock for its next transaction, without one at the
 *     moment; null where it does not
 */
public record InspectResult(
    Path database,
    Path lock,
    Verdict verdict,
    String reason,
    @Nullable Holder holder,
    Life life,
    List<Beside> files,
    List<SqliteLock> sqliteLocks,
    Set<Long> openBy,
    Mount mount,
    AccessMode access,
    List<Reader> readers,
    @Nullable Foreign foreign,
    Names names,
    List<Holder> waiters,
    @Nullable Duration kept) {
  /** The classes of protocol sections 2 and 6, in the words of the command line. */
  public enum Verdict {
    FREE,
    HELD,
    DEAD,
    STALE,
    ABANDONED,
    EMPTY,
    FOREIGN;

    /** As in JSON. */
    public String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * Another program's lock, or something else that is not ours.
   *
   * @param kind empty-directory, file, unreadable, or other for what nobody locks by
   * @param since when it was last changed, by the file system's clock; null where that cannot be
   *     seen
   * @param advice what can be done about it
   */
  public record Foreign(String kind, @Nullable FileTime since, String advice) {}

  /**
   * A journal, log or index beside the database.
   *
   * @param name its file name
   * @param bytes its size
   */
  public record Beside(String name, long bytes) {}

  /**
   * A reader of network-exclusive access.
   *
   * @param verdict held, dead or stale
   * @param reason why, in a clause
   */
  public record Reader(Holder holder, Verdict verdict, String reason) {}

  /**
   * A lock that SQLite holds on the database (sqlite.org/lockingv3.html).
   *
   * @param pid its process, as far as this name space can tell
   * @param kind SHARED, RESERVED, PENDING or EXCLUSIVE; WAL where it is on the shared memory file
   */
  public record SqliteLock(long pid, String kind) {}

  /**
   * Other names of the database.
   *
   * @param links how many hard links there are, 1 where that cannot be known
   * @param mounted whether the file is a mount by itself
   * @param objection what there is and what is wrong with it; null where there are none
   */
  public record Names(int links, boolean mounted, @Nullable String objection) {}

  static InspectResult of(Site site) {
    LockPaths paths = site.paths();
    if (!Files.exists(paths.database())
        && !Files.exists(paths.lock(), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "there is no file " + paths.database(), "check the name");
    }
    LockManager.Inspection inspection = site.manager().inspect(site.request().times());
    StaleJudge.Verdict judged = inspection.verdict();
    return new InspectResult(
        paths.database(),
        paths.lock(),
        verdict(judged),
        reason(judged, inspection.life()),
        inspection.holder().orElse(null),
        inspection.life(),
        beside(paths),
        sqliteLocks(paths.database()),
        FileUse.openBy(paths.database()),
        site.mount(),
        site.mode(),
        readers(site),
        foreign(site, judged, inspection.since()),
        names(paths.database()),
        site.manager().waiters(),
        kept(paths, inspection.holder().orElse(null)));
  }

  private static List<SqliteLock> sqliteLocks(Path database) {
    List<SqliteLock> locks = new ArrayList<>();
    for (FileUse.SqliteLock lock : FileUse.sqliteLocks(database)) {
      locks.add(new SqliteLock(lock.pid(), lock.kind()));
    }
    return locks;
  }

  private static Names names(Path database) {
    OtherNames names = OtherNames.of(database);
    List<String> found = new ArrayList<>(names.any() ? List.of(names.text()) : List.of());
    for (String place : FileMounts.elsewhere(database)) {
      found.add("is mounted at " + place + ", too");
    }
    String all =
        found.isEmpty() ? null : "it " + String.join(", ", found) + ": " + OtherNames.why();
    return new Names(names.links(), names.mounted(), all);
  }

  private static final Set<String> WRITING = Set.of("RESERVED", "PENDING", "EXCLUSIVE");

  /** No transaction has RESERVED, and the last one has changed the file or its log. */
  private static @Nullable Duration kept(LockPaths paths, @Nullable Holder holder) {
    boolean keeps = holder != null && holder.record() != null && holder.record().keeps();
    boolean writing =
        FileUse.sqliteLocks(paths.database()).stream()
            .anyMatch(lock -> WRITING.contains(lock.kind()));
    if (!keeps || writing) {
      return null;
    }
    long last = 0;
    for (Path path : List.of(paths.database(), paths.wal())) {
      try {
        last = Math.max(last, Files.getLastModifiedTime(path).toMillis());
      } catch (IOException absent) {
        // No log.
      }
    }
    return Duration.ofMillis(Math.max(0, System.currentTimeMillis() - last));
  }

  private static List<Reader> readers(Site site) {
    List<Reader> readers = new ArrayList<>();
    for (LockManager.Reader each : site.manager().inspectReaders(site.request().times())) {
      readers.add(reader(each));
    }
    return readers;
  }

  private static @Nullable Foreign foreign(
      Site site, StaleJudge.Verdict judged, @Nullable FileTime since) {
    if (judged instanceof StaleJudge.Verdict.Other other) {
      return new Foreign(other.kind().id(), since, site.manager().advice(other.kind()));
    }
    return judged instanceof StaleJudge.Verdict.Foreign
        ? new Foreign(
            "other",
            since,
            "find out which program made it, and remove it by hand once nobody uses the database")
        : null;
  }

  private static Reader reader(LockManager.Reader seen) {
    return new Reader(seen.holder(), verdict(seen.verdict()), reason(seen.verdict(), Life.UNKNOWN));
  }

  private static Verdict verdict(StaleJudge.Verdict judged) {
    if (judged instanceof StaleJudge.Verdict.Free) {
      return Verdict.FREE;
    }
    if (judged instanceof StaleJudge.Verdict.CleanNow) {
      return Verdict.ABANDONED;
    }
    if (judged instanceof StaleJudge.Verdict.Reserved) {
      return Verdict.EMPTY;
    }
    if (judged instanceof StaleJudge.Verdict.Foreign
        || judged instanceof StaleJudge.Verdict.Other) {
      return Verdict.FOREIGN;
    }
    if (judged instanceof StaleJudge.Verdict.Stale) {
      return Verdict.DEAD; // without any quiet time only a proof breaks
    }
    StaleJudge.Verdict.Held held = (StaleJudge.Verdict.Held) judged;
    return switch (held.evidence()) {
      case DEAD -> Verdict.DEAD; // in network-exclusive access that is watched for a while, too
      case OLD, REBOOT -> Verdict.STALE;
      default -> Verdict.HELD;
    };
  }

  private static String reason(StaleJudge.Verdict judged, Life life) {
    if (judged instanceof StaleJudge.Verdict.Free) {
      return "there is no lock";
    }
    if (judged instanceof StaleJudge.Verdict.CleanNow) {
      return "released or broken, and not tidied yet; the next writer tidies it";
    }
    if (judged instanceof StaleJudge.Verdict.Reserved reserved) {
      return "reserved by a process on its way in; taken over in " + seconds(reserved.missing());
    }
    if (judged instanceof StaleJudge.Verdict.Other other) {
      return other.kind().text();
    }
    if (judged instanceof StaleJudge.Verdict.Foreign foreign) {
      return Holder.printable(foreign.reason());
    }
    if (judged instanceof StaleJudge.Verdict.Stale stale) {
      return stale.evidence().text() + "; the next writer breaks it";
    }
    return heldReason((StaleJudge.Verdict.Held) judged, life);
  }

  private static String heldReason(StaleJudge.Verdict.Held held, Life life) {
    Duration missing = held.missing();
    if (held.evidence() == Evidence.WORKING) {
      return held.evidence().text();
    }
    if (missing == null) {
      return held.evidence().text() + "; only a person may judge";
    }
    return switch (held.evidence()) {
      case DEAD, OLD, REBOOT, FUTURE ->
          held.evidence().text() + "; break-stale would watch it for " + seconds(missing);
      default -> life == Life.ALIVE ? "its process is running" : "its heartbeat is fresh";
    };
  }

  private static String seconds(Duration time) {
    return (time.toMillis() + 999) / 1000 + " s";
  }

  private static List<Beside> beside(LockPaths paths) {
    List<Beside> found = new ArrayList<>();
    for (Path path : List.of(paths.journal(), paths.wal(), paths.shm())) {
      try {
        found.add(new Beside(String.valueOf(path.getFileName()), Files.size(path)));
      } catch (IOException absent) {
        // the usual case
      }
    }
    return found;
  }
}
