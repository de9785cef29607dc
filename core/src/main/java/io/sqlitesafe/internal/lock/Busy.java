package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The words for a lock that was not to be had. */
final class Busy {
  private Busy() {}

  static SqliteSafeException exception(
      LockPaths paths, LockObserver.@Nullable Sight sight, Duration waited) {
    return exception(paths, sight, waited, null);
  }

  /**
   * As above.
   *
   * @param waiters in which others may show that they wait, too; the caller itself counts as one
   */
  static SqliteSafeException exception(
      LockPaths paths,
      LockObserver.@Nullable Sight sight,
      Duration waited,
      @Nullable WaiterDirectory waiters) {
    int others = waiters == null ? 0 : waiters.others();
    Holder holder = sight == null ? null : sight.holder();
    SqliteSafeException e =
        new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            paths.database()
                + " is locked by "
                + (holder == null ? obstacle(sight) : holder.describe())
                + "; waited "
                + text(waited)
                + (others == 0
                    ? ""
                    : others == 1 ? "; 1 other waits" : "; " + others + " others wait"),
            hint(paths, sight),
            null);
    if (holder != null) {
      tell(e, holder);
    }
    if (others > 0) {
      e.with("otherWaiters", others);
    }
    if (sight != null && sight.verdict() instanceof Verdict.Other other) {
      e.with("foreign", other.kind().id());
    }
    return e.with("waitedMs", waited.toMillis());
  }

  /** Who it is, for scripts. */
  static SqliteSafeException tell(SqliteSafeException e, Holder holder) {
    e.with("token", holder.token().hex());
    OwnerRecord record = holder.record();
    if (record != null) {
      e.with("pid", record.process().pid());
      e.with("hostname", Holder.printable(record.process().hostname()));
      e.with("since", Holder.printable(record.createdAt()));
      if (record.worker() != null) {
        e.with("worker", record.worker().pid());
      }
    }
    return e;
  }

  private static String obstacle(LockObserver.@Nullable Sight sight) {
    if (sight != null && sight.verdict() instanceof Verdict.Reserved) {
      return "a process on its way in, or one that was killed there";
    }
    if (sight != null && sight.verdict() instanceof Verdict.Other) {
      return describe(sight);
    }
    return "a stream of other processes";
  }

  /** Another program's lock, and since when it has been there by the file system's clock. */
  static String describe(LockObserver.Sight sight) {
    Verdict.Other other = (Verdict.Other) sight.verdict();
    Duration age = other.age();
    String since =
        sight.value() instanceof LockDirectory.Presence there && age != null
            ? ", since " + there.modified() + " (" + text(age) + " ago)"
            : "";
    return other.kind().text() + since;
  }

  private static String hint(LockPaths paths, LockObserver.@Nullable Sight sight) {
    if (sight != null && sight.verdict() instanceof Verdict.Reserved) {
      return "try again; the next command takes it over once it is 10 s old";
    }
    if (sight != null && sight.verdict() instanceof Verdict.Other other) {
      return hint(paths, other.kind());
    }
    if (sight != null && sight.verdict() instanceof Verdict.Held held) {
      if (held.evidence() == Evidence.WORKING) {
        return held.evidence().text() + "; wait for its end, or stop it";
      }
      if (held.missing() == null) {
        return "the owner follows a protocol that this version does not know; upgrade, or ask its"
            + " owner";
      }
      if (sight.seen().life() == Life.REBOOTED || held.evidence() == Evidence.OLD) {
        return held.evidence().text()
            + "; if it is dead: sqlite-safe break-stale "
            + ShellWord.of(paths.database());
      }
    }
    if (sight != null && sight.verdict() instanceof Verdict.Stale stale) {
      return stale.evidence().text()
          + "; allow breaking (--break), or: sqlite-safe break-stale "
          + ShellWord.of(paths.database());
    }
    return "try again later or wait longer (--wait); sqlite-safe inspect-lock shows more";
  }

  /** What to do about another program's lock. */
  static String hint(LockPaths paths, OtherLock kind) {
    return switch (kind) {
      case EMPTY_DIRECTORY ->
          "it is waited for, and never taken over; if nobody uses it: sqlite-safe break-stale"
              + " --foreign "
              + ShellWord.of(paths.database());
      case FILE ->
          "it is waited for, and never taken over; if no process of any host uses it: sqlite-safe"
              + " break-stale --foreign --force "
              + ShellWord.of(paths.database());
      case UNREADABLE ->
          "ask its owner, "
              + Forbidden.ownerOf(paths.lock())
              + ", or run sqlite-safe inspect-lock as a user who may read it";
    };
  }

  static String text(Duration time) {
    return time.toMillis() < 10_000 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }
}
