package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Drained;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.internal.owner.Turns;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Journal modes and checkpoints (sqlite.org/pragma.html#pragma_journal_mode), changed under the
 * lock only.
 */
public final class JournalMode {
  /**
   * The two that a file remembers. TRUNCATE and PERSIST last as long as a connection, and after
   * MEMORY or OFF a crash damages the file.
   */
  private static final Set<String> MODES = Set.of("delete", "wal");

  private static final String WAL = "wal";
  private static final String DELETE = "delete";

  private final Site site;
  private final Admission admission;
  private final Turns turns;

  JournalMode(Site site, Turns turns) {
    this.site = site;
    this.admission = new Admission(site);
    this.turns = turns;
  }

  /**
   * How much of the log a checkpoint moves, and whether it waits
   * (sqlite.org/pragma.html#pragma_wal_checkpoint).
   */
  public enum CheckpointMode {
    PASSIVE,
    FULL,
    RESTART,
    TRUNCATE
  }

  /**
   * How a checkpoint ended.
   *
   * @param complete every frame was moved into the database
   * @param logFrames frames in the log, -1 where there is none
   * @param movedFrames frames that are in the database now
   * @param heldUpBy the processes of this host that kept it from the end, as far as they can be
   *     seen
   */
  public record Checkpoint(
      boolean complete, long logFrames, long movedFrames, List<Long> heldUpBy) {}

  /** Shows the mode, or changes it. */
  String run(@Nullable String mode) {
    admission.requireAgreement();
    if (mode == null && admission.doubt() != null) {
      admission.tellDoubt(); // the lock is for who writes
      return current();
    }
    if (mode == null && !site.isNetworkExclusive()) {
      return current(); // opening it to ask would make a log beside an idle database
    }
    String wanted = mode == null ? "" : mode.toLowerCase(Locale.ROOT);
    if (mode != null && !MODES.contains(wanted)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "journal mode " + mode + " is not offered: a database remembers only delete and wal",
          "use delete (the rollback journal) or wal");
    }
    if (site.isNetworkExclusive()) {
      return inNetworkExclusive(wanted);
    }
    if (wanted.equals(WAL) && site.mount().isNetwork()) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "a write-ahead log does not work on a network file system (" + site.mount().type() + ")",
          "keep the rollback journal: journal-mode " + ShellWord.of(site.file()) + " delete");
    }
    return change(isWalOnNetwork(), wanted);
  }

  private String current() {
    return Database.isWal(site.file()) ? WAL : DELETE;
  }

  /** There is only one mode then, but a database may have been marked that has the other. */
  private String inNetworkExclusive(String wanted) {
    Database.requireFile(site.file(), false);
    boolean wal = Database.isWal(site.file());
    if (wanted.equals(WAL)) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "a write-ahead log does not work in network-exclusive access, for which "
              + site.file()
              + " is marked",
          "keep the rollback journal");
    }
    if (!wal) {
      return DELETE;
    }
    return wanted.isEmpty() ? WAL : change(true, wanted);
  }

  /**
   * @param alone without shared memory, which a log on a network file system needs to be ended
   */
  private String change(boolean alone, String wanted) {
    String reached =
        locked(
            alone,
            database ->
                String.valueOf(database.unguarded().value("PRAGMA journal_mode=" + wanted)));
    if (!reached.equals(wanted)) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          site.file() + " stays in journal mode " + reached + ": it is in use",
          "stop the programs that have it open (inspect-lock names them) and run it again");
    }
    return reached;
  }

  private boolean isWalOnNetwork() {
    Database.requireFile(site.file(), false);
    return site.mount().isNetwork() && Database.isWal(site.file());
  }

  private <T extends @Nullable Object> T locked(boolean alone, Function<Database, T> work) {
    Database.requireFile(site.file(), false);
    turns.take(site);
    // Only network-exclusive access works on some of the mounts where a log has to be ended first.
    try (ExclusiveLock lock =
            alone ? admission.lockFor(AccessMode.NETWORK_EXCLUSIVE) : admission.lock();
        Drained drained = open(alone, site.rest(lock.waited()))) {
      lock.ensureHeld();
      return work.apply(drained.database());
    } finally {
      turns.give();
    }
  }

  private Drained open(boolean alone, Duration busy) {
    return alone ? Drained.alone(site, busy) : Drained.toWrite(site, OpenMode.WRITE, busy, "");
  }

  /** Checkpoints. */
  Checkpoint checkpoint(CheckpointMode mode) {
    admission.requireAgreement();
    if (site.isNetworkExclusive()) {
      admission.requireServed();
      return new Checkpoint(true, -1, -1, List.of()); // there is no log
    }
    if (!hasLog()) {
      // Opening it would make one, which belongs to this user.
      long frames = Database.isWal(site.file()) ? 0 : -1;
      return new Checkpoint(true, frames, frames, List.of());
    }
    return locked(
        false,
        database -> {
          List<Map<String, @Nullable Object>> rows =
              database.unguarded().rows("PRAGMA wal_checkpoint(" + mode.name() + ")");
          Map<String, @Nullable Object> row = rows.get(0);
          long log = number(row.get("log"));
          long moved = number(row.get("checkpointed"));
          boolean complete = number(row.get("busy")) == 0 && log == moved;
          return new Checkpoint(complete, log, moved, complete ? List.of() : readers());
        });
  }

  private List<Long> readers() {
    return FileUse.inTheWay(site.file()).stream().map(FileUse.SqliteLock::pid).toList();
  }

  private boolean hasLog() {
    try {
      return Files.size(site.paths().wal()) > 0;
    } catch (IOException none) {
      return false;
    }
  }

  private static long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : -1;
  }
}
