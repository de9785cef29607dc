package io.sqlitesafe.lock;

import io.sqlitesafe.lock.StaleJudge.Verdict;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The lock directory in the way of somebody who waits for it to go, and what anybody may do about
 * it: clean, break, refuse. Used by one thread.
 */
final class Obstacle {
  /**
   * How often a waiter reads the holder's record and heartbeat; the polls between only try the
   * door.
   */
  private static final Duration LOCAL_LOOK = Duration.ofMillis(500);

  private static final Duration NETWORK_LOOK = Duration.ofSeconds(2);

  /** How it stands after a look. */
  enum Result {
    /** It is gone, or something was done about it: try again at once. */
    GONE,
    /** An empty directory that has outlived its grace, and was left for the caller to take. */
    OUTLIVED,
    /** It stands. */
    STANDS
  }

  private final LockDirectory directory;
  private final boolean network;
  private final Clock clock;
  private final LockRequest request;
  private final LockObserver observer;
  private long nextLook;
  private LockObserver.@Nullable Sight sight;

  Obstacle(
      LockDirectory directory,
      ProcessTable processes,
      boolean network,
      AccessMode access,
      Clock clock,
      LockRequest request) {
    this.directory = directory;
    this.network = network;
    this.clock = clock;
    this.request = request;
    this.observer = new LockObserver(directory, processes, access, request.times(), clock);
    this.nextLook = clock.nanoTime();
  }

  /** What was seen last; null before the first look. */
  LockObserver.@Nullable Sight sight() {
    return sight;
  }

  /** Waits a little, or gives up where the patience has ended. */
  void outwait(Polling polling) {
    if (polling.isOutOfTime()) {
      throw Busy.exception(directory.paths(), sight, polling.elapsed());
    }
    polling.pause(sight == null ? null : sight.holder());
  }

  /** Looks, if it is time to, and does what may be done. */
  Result react() throws IOException {
    if (clock.nanoTime() < nextLook) {
      return Result.STANDS;
    }
    LockObserver.Sight seen = observer.look();
    sight = seen;
    nextLook = clock.nanoTime() + (network ? NETWORK_LOOK : LOCAL_LOOK).toNanos();
    Result result = react(seen);
    if (result != Result.STANDS) {
      nextLook = clock.nanoTime();
    }
    return result;
  }

  private Result react(LockObserver.Sight seen) throws IOException {
    Verdict verdict = seen.verdict();
    if (verdict instanceof Verdict.Free) {
      return Result.GONE;
    }
    if (verdict instanceof Verdict.CleanNow) {
      directory.clean();
      return directory.classify() instanceof LockState.Absent ? Result.GONE : Result.STANDS;
    }
    if (verdict instanceof Verdict.Empty empty && empty.missing().isZero()) {
      return Result.OUTLIVED;
    }
    if (verdict instanceof Verdict.Foreign foreign) {
      throw LockManager.foreign(directory.paths(), foreign.reason());
    }
    if (verdict instanceof Verdict.Stale stale
        && request.policy().allows(stale.evidence(), network)
        && seen.holder() != null
        && LockBreaker.breakStale(directory, observer, seen)) {
      request.listener().broken(seen.holder(), stale.evidence());
      return Result.GONE;
    }
    return Result.STANDS;
  }
}
