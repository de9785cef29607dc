package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockManager.BreakOutcome;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockRequest;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Breaking by judgement, on request: looks until the quiet time that the evidence needs is over, or
 * the holder shows life. Used once, by one thread.
 */
final class StaleBreak {
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final LockDirectory directory;
  private final ProcessTable processes;
  private final LockRequest request;
  private final Clock clock;
  private final LockObserver observer;
  private final TakeOver takeOver;
  private final long started;

  StaleBreak(
      LockDirectory directory,
      ProcessTable processes,
      AccessMode access,
      Clock clock,
      LockRequest request,
      TakeOver takeOver) {
    this.takeOver = takeOver;
    this.directory = directory;
    this.processes = processes;
    this.request = request;
    this.clock = clock;
    this.observer = new LockObserver(directory, processes, access, request.times(), clock);
    this.started = clock.nanoTime();
  }

  BreakOutcome run(boolean dryRun) throws IOException {
    LockObserver.Sight first = observer.look();
    LockObserver.Sight sight = first;
    while (true) {
      BreakOutcome outcome = decidePermitted(sight, dryRun);
      if (outcome != null) {
        new Leftovers(directory, processes).sweep();
        return outcome;
      }
      if (showsLife(first, sight)) {
        throw alive(sight);
      }
      if (isOutOfTime()) {
        throw Busy.exception(directory.paths(), sight, elapsed());
      }
      request.listener().waiting(sight.holder(), elapsed());
      clock.sleep(PAUSE, request.cancellation());
      sight = observer.look();
    }
  }

  private @Nullable BreakOutcome decidePermitted(LockObserver.Sight sight, boolean dryRun)
      throws IOException {
    try {
      return decide(sight, dryRun);
    } catch (IOException e) {
      throw Forbidden.orThrow(directory.paths(), e).exception(sight.holder(), elapsed());
    }
  }

  /** Null: not yet. */
  private @Nullable BreakOutcome decide(LockObserver.Sight sight, boolean dryRun)
      throws IOException {
    Verdict verdict = sight.verdict();
    if (verdict instanceof Verdict.Free) {
      return new BreakOutcome.AlreadyFree();
    }
    if (verdict instanceof Verdict.CleanNow) {
      if (!dryRun) {
        clean();
      }
      return new BreakOutcome.AlreadyFree();
    }
    if (verdict instanceof Verdict.Reserved reserved && reserved.missing().isZero()) {
      if (!dryRun) {
        takeOver.run(request);
      }
      return new BreakOutcome.AlreadyFree();
    }
    if (verdict instanceof Verdict.Other) {
      throw Busy.exception(directory.paths(), sight, elapsed());
    }
    if (verdict instanceof Verdict.Foreign foreign) {
      throw LockManager.foreign(directory.paths(), foreign.reason());
    }
    if (verdict instanceof Verdict.Stale stale && sight.holder() != null) {
      boolean done = dryRun || LockBreaker.breakStale(directory, observer, sight);
      return done ? new BreakOutcome.Broken(sight.holder(), stale.evidence()) : null;
    }
    return null;
  }

  private void clean() throws IOException {
    directory.clean();
    if (directory.classify() instanceof LockState.Dead) {
      throw Forbidden.where(directory.paths()).exception(null, elapsed());
    }
  }

  /** The holder beat, or another one took its place, or a process that we can see is there. */
  private boolean showsLife(LockObserver.Sight first, LockObserver.Sight now) {
    if (!(now.verdict() instanceof Verdict.Held held)) {
      return false;
    }
    boolean moved = first.value() != null && !first.value().equals(now.value());
    boolean running = now.seen().life() == Life.ALIVE && held.evidence() != Evidence.OLD;
    return moved || running || held.missing() == null;
  }

  private boolean isOutOfTime() {
    return request.patience() != null && elapsed().compareTo(request.patience()) >= 0;
  }

  private Duration elapsed() {
    return Duration.ofNanos(clock.nanoTime() - started);
  }

  private SqliteSafeException alive(LockObserver.Sight sight) {
    Holder holder = sight.holder();
    SqliteSafeException e =
        new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            "the owner of "
                + directory.paths().lock()
                + " is alive: "
                + (holder == null ? "another took its place" : holder.describe()),
            "nothing was touched; to break it against this judgement, name it: --owner TOKEN"
                + " --force",
            null);
    return holder == null ? e : e.with("token", holder.token().hex());
  }
}
