package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.BreakPolicy;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A writer of network-exclusive access, who owns the lock already, waits until no reader is in
 * (protocol section 10). New ones stay out meanwhile, for they see the lock. Used once, by one
 * thread.
 *
 * <p>A stale reader's marker may be removed by every writer, unlike a stale owner's claim: if the
 * reader comes back, its own last check makes it discard what it has read, and nothing is lost.
 */
final class ReaderWait {
  private final ReaderDirectory readers;
  private final LockRequest request;
  private final ReaderObserver observer;
  private final Polling polling;

  ReaderWait(
      ReaderDirectory readers,
      ProcessTable processes,
      boolean network,
      Clock clock,
      LockRequest request) {
    this.readers = readers;
    this.request = request;
    this.observer = new ReaderObserver(readers, processes, request.times(), clock);
    this.polling = new Polling(network, clock, request);
  }

  /**
   * Waits.
   *
   * @param before how much of the patience is used up
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} naming a reader
   */
  void awaitReaders(Duration before) {
    try {
      for (List<ReaderObserver.Sight> in = observer.look(); !in.isEmpty(); in = observer.look()) {
        if (removeStale(in)) {
          continue;
        }
        Duration waited = before.plus(polling.elapsed());
        if (request.patience() != null && waited.compareTo(request.patience()) >= 0) {
          throw busy(in.get(0), waited);
        }
        polling.pause(in.get(0).reader());
      }
    } catch (IOException e) {
      throw LockManager.failed("cannot look at the readers of " + readers.paths().database(), e);
    }
  }

  private boolean removeStale(List<ReaderObserver.Sight> in) throws IOException {
    boolean removed = false;
    for (ReaderObserver.Sight sight : in) {
      if (request.policy() != BreakPolicy.NEVER && breakStale(readers, observer, sight)) {
        request.listener().broken(sight.reader(), ((Verdict.Stale) sight.verdict()).evidence());
        removed = true;
      }
    }
    return removed;
  }

  /** Removes the marker of a reader that was judged stale, after one more look at it. */
  static boolean breakStale(
      ReaderDirectory readers, ReaderObserver observer, ReaderObserver.Sight judged)
      throws IOException {
    if (!(judged.verdict() instanceof Verdict.Stale)) {
      return false;
    }
    LockToken token = judged.reader().token();
    ReaderObserver.Sight again = observer.look(token);
    if (!(again.verdict() instanceof Verdict.Stale) || !again.value().equals(judged.value())) {
      return false;
    }
    readers.remove(token, Step.DRAIN_BREAK);
    return true;
  }

  private SqliteSafeException busy(ReaderObserver.Sight first, Duration waited) {
    Holder reader = first.reader();
    SqliteSafeException e =
        new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            readers.paths().database()
                + " is being read by "
                + reader.describe()
                + "; waited "
                + Busy.text(waited),
            "try again later or wait longer (--wait); if that reader is dead: sqlite-safe"
                + " break-stale "
                + ShellWord.of(readers.paths().database()),
            null);
    return Busy.tell(e, reader).with("waitedMs", waited.toMillis());
  }
}
