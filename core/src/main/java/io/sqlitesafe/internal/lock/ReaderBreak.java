package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Removes the markers of stale readers on request: looks until each has shown life or the quiet
 * time that its evidence needs is over. Used once, by one thread.
 */
final class ReaderBreak {
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final ReaderDirectory readers;
  private final LockRequest request;
  private final Clock clock;
  private final ReaderObserver observer;
  private final Map<LockToken, ReaderDirectory.Marker> first = new HashMap<>();
  private final Map<LockToken, Holder> broken = new HashMap<>();

  ReaderBreak(ReaderDirectory readers, ProcessTable processes, Clock clock, LockRequest request) {
    this.readers = readers;
    this.request = request;
    this.clock = clock;
    this.observer = new ReaderObserver(readers, processes, request.times(), clock);
  }

  /** Whose markers were (or, in a dry run, would be) removed. */
  List<Holder> run(boolean dryRun) throws IOException {
    long started = clock.nanoTime();
    while (true) {
      Holder undecided = null;
      for (ReaderObserver.Sight sight : observer.look()) {
        if (!decide(sight, dryRun)) {
          undecided = sight.reader();
        }
      }
      Duration waited = Duration.ofNanos(clock.nanoTime() - started);
      boolean patient = request.patience() == null || waited.compareTo(request.patience()) < 0;
      if (undecided == null || !patient) {
        return new ArrayList<>(broken.values());
      }
      request.listener().waiting(undecided, waited);
      clock.sleep(PAUSE, request.cancellation());
    }
  }

  /** True where nothing more is to be found out about it. */
  private boolean decide(ReaderObserver.Sight sight, boolean dryRun) throws IOException {
    LockToken token = sight.reader().token();
    first.putIfAbsent(token, sight.value());
    if (sight.verdict() instanceof Verdict.Stale) {
      if (dryRun || ReaderWait.breakStale(readers, observer, sight)) {
        broken.put(token, sight.reader());
        return true;
      }
      return false;
    }
    Verdict.Held held = (Verdict.Held) sight.verdict();
    boolean running = sight.life() == Life.ALIVE && held.evidence() != Evidence.OLD;
    return running || held.missing() == null || !sight.value().equals(first.get(token));
  }
}
