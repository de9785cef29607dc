package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockRequest;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The rhythm of one process's waiting, and the end of its patience. Used by one thread. */
final class Polling {
  /** A release is noticed within milliseconds where asking costs microseconds. */
  private static final Duration LOCAL_POLL = Duration.ofMillis(1);

  private static final Duration LOCAL_POLL_MAX = Duration.ofMillis(10);
  static final Duration NETWORK_POLL = Duration.ofMillis(100);
  private static final Duration NETWORK_POLL_MAX = Duration.ofSeconds(1);

  /** Who is woken by the release looks now and then all the same. */
  private static final Duration WATCHED_POLL = Duration.ofMillis(100);

  /** What a lock that is merely kept is waited for without patience. */
  private static final Duration ONE_HAND_OVER = Duration.ofSeconds(1);

  /** What a pause is, besides time. */
  interface Waker {
    /** Waits for that long, or until trying again may help; throws what the request asks for. */
    void await(Duration most, Cancellation cancellation);
  }

  private final boolean network;
  private final Clock clock;
  private final LockRequest request;
  private final long started;
  private Duration poll;

  Polling(boolean network, Clock clock, LockRequest request) {
    this.network = network;
    this.clock = clock;
    this.request = request;
    this.started = clock.nanoTime();
    this.poll = network ? NETWORK_POLL : LOCAL_POLL;
  }

  /** How long a waiter may take to notice a release. */
  static Duration longestPoll(boolean network) {
    return (network ? NETWORK_POLL_MAX : LOCAL_POLL_MAX).multipliedBy(3).dividedBy(2);
  }

  Duration elapsed() {
    return Duration.ofNanos(clock.nanoTime() - started);
  }

  boolean isOutOfTime() {
    return request.patience() != null && elapsed().compareTo(request.patience()) >= 0;
  }

  /**
   * As {@link #isOutOfTime}, but an owner that keeps the lock between its transactions gives it to
   * whoever shows that he waits, so that who has no patience waits for that.
   */
  boolean isOutOfTime(@Nullable Holder holder) {
    boolean kept = holder != null && holder.record() != null && holder.record().keeps();
    return kept && request.patience() != null && request.patience().isZero()
        ? elapsed().compareTo(ONE_HAND_OVER) >= 0
        : isOutOfTime();
  }

  /** Tells for whom it waits, and waits a little; longer each time, up to a limit. */
  void pause(@Nullable Holder holder) {
    pause(holder, null);
  }

  /**
   * As {@link #pause(Holder)}.
   *
   * @param waker ends it before that; null where there is none
   */
  void pause(@Nullable Holder holder, @Nullable Waker waker) {
    request.listener().waiting(holder, elapsed());
    if (waker != null) {
      waker.await(jittered(WATCHED_POLL), request.cancellation());
      return;
    }
    clock.sleep(jittered(poll), request.cancellation());
    poll =
        LockManager.min(
            poll.multipliedBy(3).dividedBy(2), network ? NETWORK_POLL_MAX : LOCAL_POLL_MAX);
  }

  /** Half to one and a half times as long, so that many waiters do not knock in step. */
  private Duration jittered(Duration time) {
    Duration wait = time.multipliedBy(ThreadLocalRandom.current().nextLong(50, 150)).dividedBy(100);
    if (request.patience() == null) {
      return wait;
    }
    if (request.patience().isZero()) {
      return wait; // for one hand-over
    }
    Duration rest = request.patience().minus(elapsed());
    return rest.isNegative() ? Duration.ZERO : LockManager.min(wait, rest);
  }
}
