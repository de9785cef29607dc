package io.sqlitesafe.internal.lock;

import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The lock directory in the way of somebody who waits for it to go, and what anybody may do about
 * it: clean, break, refuse. Used by one thread.
 */
public final class Obstacle {
  /**
   * How often a waiter reads the holder's record and heartbeat; the polls between only try the
   * door.
   */
  private static final Duration LOCAL_LOOK = Duration.ofMillis(500);

  private static final Duration NETWORK_LOOK = Duration.ofSeconds(2);

  /** How it stands after a look. */
  public enum Result {
    /** It is gone, or something was done about it: try again at once. */
    GONE,
    /** A reservation that has outlived its grace, and was left for the caller to take. */
    OUTLIVED,
    /** It stands. */
    STANDS
  }

  private final LockDirectory directory;
  private final boolean network;
  private final Clock clock;
  private final LockRequest request;
  private final LockObserver observer;
  private final ProcessTable processes;
  private @Nullable WaiterDirectory waiters;
  private long nextLook;
  private LockObserver.@Nullable Sight sight;
  private @Nullable Forbidden forbidden;
  private boolean broken;

  public Obstacle(
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
    this.processes = processes;
    this.nextLook = clock.nanoTime();
  }

  /** The owner that was seen last. */
  @Nullable Holder holder() {
    return sight == null ? null : sight.holder();
  }

  /** Not made, nor its class loaded, before somebody has to wait. */
  WaiterDirectory waiters() {
    WaiterDirectory made = waiters;
    if (made == null) {
      made = new WaiterDirectory(directory.paths(), processes);
      waiters = made;
    }
    return made;
  }

  /** Whether it was broken here. */
  boolean hasBroken() {
    return broken;
  }

  /** What was seen last; null before the first look. */
  LockObserver.@Nullable Sight sight() {
    return sight;
  }

  /** Waits a little, or gives up where the patience has ended. */
  void outwait(Polling polling) {
    outwait(polling, null);
  }

  /**
   * As {@link #outwait(Polling)}.
   *
   * @param waker ends the wait before that; null where there is none
   */
  void outwait(Polling polling, Polling.@Nullable Waker waker) {
    Holder holder = holder();
    if (polling.isOutOfTime(holder)) {
      throw forbidden == null
          ? Busy.exception(directory.paths(), sight, polling.elapsed(), waiters())
          : forbidden.exception(holder, polling.elapsed());
    }
    polling.pause(holder, waker);
  }

  /** Looks, if it is time to, and does what may be done. */
  public Result react() throws IOException {
    if (clock.nanoTime() < nextLook) {
      return Result.STANDS;
    }
    LockObserver.Sight seen = observer.look();
    sight = seen;
    forbidden = null;
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
      return clean();
    }
    if (verdict instanceof Verdict.Reserved reserved && reserved.missing().isZero()) {
      return Result.OUTLIVED;
    }
    if (verdict instanceof Verdict.Foreign foreign) {
      throw LockManager.foreign(directory.paths(), foreign.reason());
    }
    if (verdict instanceof Verdict.Stale stale
        && request.policy().allows(stale.evidence(), network)
        && seen.holder() != null) {
      return breakStale(seen, seen.holder(), stale);
    }
    return Result.STANDS;
  }

  private Result clean() throws IOException {
    try {
      directory.clean();
    } catch (IOException e) {
      forbidden = Forbidden.orThrow(directory.paths(), e);
    }
    LockState left = directory.classify();
    if (left instanceof LockState.Dead && forbidden == null) {
      forbidden = Forbidden.where(directory.paths());
    }
    return left instanceof LockState.Absent ? Result.GONE : Result.STANDS;
  }

  private Result breakStale(LockObserver.Sight seen, Holder holder, Verdict.Stale stale)
      throws IOException {
    try {
      if (!LockBreaker.breakStale(directory, observer, seen)) {
        return Result.STANDS;
      }
    } catch (IOException e) {
      // Others may: whoever can takes it away meanwhile.
      forbidden = Forbidden.orThrow(directory.paths(), e);
      return Result.STANDS;
    }
    request.listener().broken(holder, stale.evidence());
    broken = true;
    return Result.GONE;
  }

  /**
   * E1 and E2: whether the reservation that has outlived its grace is the caller's to take by A3.
   *
   * @param own its attempt, whose private directory stays
   */
  public boolean mayTakeOver(LockToken own) throws IOException {
    LockObserver.Sight outlived = sight;
    String stays = directory.evictOthers(own);
    if (stays != null) {
      forbidden = Forbidden.evicting(directory.paths(), stays);
      return false;
    }
    LockObserver.Sight again = observer.look();
    sight = again;
    return outlived != null
        && again.verdict() instanceof Verdict.Reserved
        && again.value() != null
        && again.value().equals(outlived.value());
  }
}
