package io.sqlitesafe.lock;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.StaleJudge.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to own the lock, from A1 to A5 of protocol section 5. Used once, by one thread.
 *
 * <p>It begins in the belief that rename replaces an empty directory, unless told otherwise, and
 * finds out when a rename onto its own reservation did not.
 */
final class Acquisition {
  /** A release is noticed within milliseconds where asking costs microseconds. */
  private static final Duration LOCAL_POLL = Duration.ofMillis(1);

  private static final Duration LOCAL_POLL_MAX = Duration.ofMillis(10);
  private static final Duration NETWORK_POLL = Duration.ofMillis(100);
  private static final Duration NETWORK_POLL_MAX = Duration.ofSeconds(1);

  /**
   * How often a waiter reads the holder's record and heartbeat; the polls between only try the
   * door.
   */
  private static final Duration LOCAL_LOOK = Duration.ofMillis(500);

  private static final Duration NETWORK_LOOK = Duration.ofSeconds(2);

  private final LockDirectory directory;
  private final ProcessTable processes;
  private final boolean network;
  private final Clock clock;
  private final LockRequest request;
  private final LockObserver observer;
  private final long started;

  private LockToken token = LockToken.random();
  private OwnerRecord record;
  private boolean renameReplaces;
  private boolean takeOver;
  private Duration poll;
  private long nextLook;
  private LockObserver.@Nullable Sight sight;

  Acquisition(
      LockDirectory directory,
      ProcessTable processes,
      boolean network,
      boolean renameReplaces,
      Clock clock,
      LockRequest request) {
    this.directory = directory;
    this.processes = processes;
    this.network = network;
    this.renameReplaces = renameReplaces;
    this.clock = clock;
    this.request = request;
    this.observer = new LockObserver(directory, processes, request.times(), clock);
    this.started = clock.nanoTime();
    this.poll = network ? NETWORK_POLL : LOCAL_POLL;
    this.record = newRecord();
  }

  /** How long a waiter may take to notice a release. */
  static Duration longestPoll(boolean network) {
    return (network ? NETWORK_POLL_MAX : LOCAL_POLL_MAX).multipliedBy(3).dividedBy(2);
  }

  DatabaseLock run() {
    boolean owned = false;
    try {
      request.cancellation().throwIfRequested();
      directory.prepare(token, record); // A1
      while (!attempt()) {
        onBusy();
      }
      if (sight != null) {
        record = newRecord();
        directory.refresh(token, record);
      }
      owned = true;
      DatabaseLock lock = new DatabaseLock(directory, token, record, request, clock, elapsed());
      if (sight != null || token.hex().startsWith("00")) {
        new Leftovers(directory, processes).sweep();
      }
      return lock;
    } catch (IOException e) {
      throw LockManager.failed("cannot lock " + directory.paths().database(), e);
    } finally {
      if (!owned) {
        directory.abandon(token); // A5
      }
    }
  }

  /** A2 to A4 once. */
  private boolean attempt() throws IOException {
    if (renameReplaces && !takeOver && !directory.reserve()) {
      return false;
    }
    takeOver = false;
    return publish();
  }

  private boolean publish() throws IOException {
    directory.publish(token);
    if (checkPatiently()) {
      return true;
    }
    if (!directory.preparedExists(token)) {
      // Published, and broken before we looked: a token is never used twice.
      token = LockToken.random();
      record = newRecord();
      directory.prepare(token, record);
    } else if (renameReplaces && directory.classify() instanceof LockState.Empty) {
      // A2 made room and A3 did not take it: does rename refuse empty directories here?
      renameReplaces = directory.renameReplacesEmpty();
      if (!renameReplaces) {
        directory.removeEmpty();
      }
    }
    return false;
  }

  private boolean checkPatiently() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return directory.check(token);
      } catch (IOException unknown) {
        // Published or not? Only an answer tells, and without one this process must not go on.
        if (attempt == 20) {
          throw unknown;
        }
        clock.sleep(NETWORK_POLL, request.cancellation());
      }
    }
  }

  private void onBusy() throws IOException {
    if (clock.nanoTime() >= nextLook) {
      sight = observer.look();
      nextLook = clock.nanoTime() + (network ? NETWORK_LOOK : LOCAL_LOOK).toNanos();
      if (react(sight)) {
        nextLook = clock.nanoTime();
        return;
      }
    }
    if (isOutOfTime()) {
      throw busy();
    }
    request.listener().waiting(sight == null ? null : sight.holder(), elapsed());
    clock.sleep(jittered(poll), request.cancellation());
    poll =
        LockManager.min(
            poll.multipliedBy(3).dividedBy(2), network ? NETWORK_POLL_MAX : LOCAL_POLL_MAX);
  }

  /**
   * True where something was done about the obstacle, so that the next attempt should follow at
   * once.
   */
  private boolean react(LockObserver.Sight seen) throws IOException {
    Verdict verdict = seen.verdict();
    if (verdict instanceof Verdict.Free) {
      return true;
    }
    if (verdict instanceof Verdict.CleanNow) {
      directory.clean();
      return directory.classify() instanceof LockState.Absent;
    }
    if (verdict instanceof Verdict.Empty empty && empty.missing().isZero()) {
      // Whoever made it crashed between A2 and A3. With rename, A3 takes it as it is.
      takeOver = renameReplaces;
      if (!renameReplaces) {
        directory.removeEmpty();
      }
      return true;
    }
    if (verdict instanceof Verdict.Foreign foreign) {
      throw LockManager.foreign(directory.paths(), foreign.reason());
    }
    if (verdict instanceof Verdict.Stale stale
        && request.policy().allows(stale.evidence(), network)
        && seen.holder() != null
        && LockBreaker.breakStale(directory, observer, seen)) {
      request.listener().broken(seen.holder(), stale.evidence());
      return true;
    }
    return false;
  }

  private boolean isOutOfTime() {
    return request.patience() != null && elapsed().compareTo(request.patience()) >= 0;
  }

  private Duration elapsed() {
    return Duration.ofNanos(clock.nanoTime() - started);
  }

  /** Half to one and a half times as long, so that many waiters do not knock in step. */
  private Duration jittered(Duration time) {
    Duration wait = time.multipliedBy(ThreadLocalRandom.current().nextLong(50, 150)).dividedBy(100);
    if (request.patience() == null) {
      return wait;
    }
    Duration rest = request.patience().minus(elapsed());
    return rest.isNegative() ? Duration.ZERO : LockManager.min(wait, rest);
  }

  private SqliteSafeException busy() {
    return Busy.exception(directory.paths(), sight, elapsed());
  }

  private OwnerRecord newRecord() {
    ProcessIdentity self = processes.self();
    String now = clock.timestamp();
    return new OwnerRecord(
        OwnerRecord.PROTOCOL,
        self.hostname() + ":" + self.pid() + ":" + token,
        directory.paths().databaseName(),
        now,
        now,
        AccessMode.TRUSTED.id(),
        request.times().heartbeatInterval(),
        request.times().staleAfter(),
        "sqlite-safe",
        request.command(),
        self);
  }
}
