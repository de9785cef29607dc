package io.sqlitesafe;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.ShellWord;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.FileUse;
import java.io.IOException;
import java.nio.file.Files;
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

  private final LockedAccess access;

  JournalMode(LockedAccess access) {
    this.access = access;
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

  /** Runs something on a drained connection under the lock. */
  interface Locked {
    <T extends @Nullable Object> T run(Function<Database, T> work);
  }

  /**
   * Shows or changes the mode.
   *
   * @param shared opens as always
   * @param alone opens without shared memory, which a log on a network file system needs to be
   *     ended
   */
  String run(Locked shared, Locked alone, @Nullable String mode) {
    access.requireAgreement();
    if (mode == null && access.doubt() != null) {
      access.tellDoubt(); // the lock is for who writes
      return Database.isWal(access.paths().database()) ? "wal" : "delete";
    }
    if (mode == null && !access.isNetworkExclusive()) {
      // Opening it to ask would make a log beside an idle database.
      return Database.isWal(access.paths().database()) ? "wal" : "delete";
    }
    String wanted = mode == null ? "" : mode.toLowerCase(Locale.ROOT);
    if (mode != null && !MODES.contains(wanted)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "journal mode " + mode + " is not offered: a database remembers only delete and wal",
          "use delete (the rollback journal) or wal");
    }
    if (access.isNetworkExclusive()) {
      return inNetworkExclusive(alone, wanted);
    }
    if (wanted.equals("wal") && access.mount().isNetwork()) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "a write-ahead log does not work on a network file system ("
              + access.mount().type()
              + ")",
          "keep the rollback journal: journal-mode "
              + ShellWord.of(access.paths().database())
              + " delete");
    }
    return change(isWalOnNetwork() ? alone : shared, wanted);
  }

  /** There is only one mode then, but a database may have been marked that has the other. */
  private String inNetworkExclusive(Locked alone, String wanted) {
    Database.requireFile(access.paths().database(), false);
    boolean wal = Database.isWal(access.paths().database());
    if (wanted.equals("wal")) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "a write-ahead log does not work in network-exclusive access, for which "
              + access.paths().database()
              + " is marked",
          "keep the rollback journal");
    }
    if (!wal) {
      return "delete";
    }
    return wanted.isEmpty() ? "wal" : change(alone, wanted);
  }

  private String change(Locked how, String wanted) {
    String reached = query(how, "PRAGMA journal_mode=" + wanted);
    if (!reached.equals(wanted)) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          access.paths().database() + " stays in journal mode " + reached + ": it is in use",
          "stop the programs that have it open (inspect-lock names them) and run it again");
    }
    return reached;
  }

  private boolean isWalOnNetwork() {
    Database.requireFile(access.paths().database(), false);
    return access.mount().isNetwork() && Database.isWal(access.paths().database());
  }

  private static String query(Locked locked, String pragma) {
    return locked.run(database -> String.valueOf(Session.unguarded(database).value(pragma)));
  }

  Checkpoint checkpoint(Locked locked, CheckpointMode mode) {
    access.requireAgreement();
    if (access.isNetworkExclusive()) {
      access.requireServed();
      return new Checkpoint(true, -1, -1, List.of()); // there is no log
    }
    if (!hasLog()) {
      // Opening it would make one, which belongs to this user.
      long frames = Database.isWal(access.paths().database()) ? 0 : -1;
      return new Checkpoint(true, frames, frames, List.of());
    }
    return locked.run(
        database -> {
          List<Map<String, @Nullable Object>> rows =
              Session.unguarded(database).rows("PRAGMA wal_checkpoint(" + mode.name() + ")");
          Map<String, @Nullable Object> row = rows.get(0);
          long log = number(row.get("log"));
          long moved = number(row.get("checkpointed"));
          boolean complete = number(row.get("busy")) == 0 && log == moved;
          return new Checkpoint(complete, log, moved, complete ? List.of() : readers());
        });
  }

  private List<Long> readers() {
    return FileUse.inTheWay(access.paths().database()).stream()
        .map(FileUse.SqliteLock::pid)
        .toList();
  }

  private boolean hasLog() {
    try {
      return Files.size(access.paths().wal()) > 0;
    } catch (IOException none) {
      return false;
    }
  }

  private static long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : -1;
  }
}
