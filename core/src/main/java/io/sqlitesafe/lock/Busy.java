package io.sqlitesafe.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.ShellWord;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.StaleJudge.Verdict;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The words for a lock that was not to be had. */
final class Busy {
  private Busy() {}

  static SqliteSafeException exception(
      LockPaths paths, LockObserver.@Nullable Sight sight, Duration waited) {
    Holder holder = sight == null ? null : sight.holder();
    SqliteSafeException e =
        new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            paths.database()
                + " is locked by "
                + (holder == null ? obstacle(sight) : holder.describe())
                + "; waited "
                + text(waited),
            hint(paths, sight),
            null);
    if (holder != null) {
      tell(e, holder);
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
    if (sight != null && sight.verdict() instanceof Verdict.Empty) {
      return "an empty " + "lock directory (a process on its way in, or another program's lock)";
    }
    return "a stream of other processes";
  }

  private static String hint(LockPaths paths, LockObserver.@Nullable Sight sight) {
    if (sight != null && sight.verdict() instanceof Verdict.Empty) {
      return "try again; if no such process exists: sqlite-safe break-stale "
          + ShellWord.of(paths.database());
    }
    if (sight != null && sight.verdict() instanceof Verdict.Held held) {
      if (held.evidence() == StaleJudge.Evidence.WORKING) {
        return held.evidence().text() + "; wait for its end, or stop it";
      }
      if (held.missing() == null) {
        return "the owner follows a protocol that this version does not know; upgrade, or ask its owner";
      }
      if (sight.seen().life() == ProcessTable.Life.REBOOTED
          || held.evidence() == StaleJudge.Evidence.OLD) {
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
    return "try again later or wait longer (--wait); sqlite-safe inspect-lock tells more";
  }

  static String text(Duration time) {
    return time.toMillis() < 10_000 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }
}
