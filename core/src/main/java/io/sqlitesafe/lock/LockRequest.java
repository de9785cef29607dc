package io.sqlitesafe.lock;

import io.sqlitesafe.error.Cancellation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to acquire.
 *
 * @param patience how long to wait; null = for ever
 * @param policy what may be broken on the way
 * @param times heartbeat and stale limit of the new owner, and of its judgement of others
 * @param command what the owner does, for its record
 * @param cancellation cuts the waiting short
 * @param listener told of waiting and breaking
 * @param anyNames other names of the file do not matter: it is not written, or a person knows that
 *     nobody uses them
 */
public record LockRequest(
    @Nullable Duration patience,
    BreakPolicy policy,
    LockTimes times,
    String command,
    Cancellation cancellation,
    LockListener listener,
    boolean anyNames) {
  /** 30 s, breaking only what is proven dead. */
  public static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);

  /** The defaults of the protocol. */
  public static LockRequest defaults(String command) {
    return new LockRequest(
        DEFAULT_WAIT,
        BreakPolicy.DEAD,
        LockTimes.DEFAULT,
        command,
        new Cancellation(),
        LockListener.SILENT,
        false);
  }

  public LockRequest withPatience(@Nullable Duration time) {
    return new LockRequest(time, policy, times, command, cancellation, listener, anyNames);
  }

  public LockRequest withPolicy(BreakPolicy value) {
    return new LockRequest(patience, value, times, command, cancellation, listener, anyNames);
  }

  public LockRequest withTimes(LockTimes value) {
    return new LockRequest(patience, policy, value, command, cancellation, listener, anyNames);
  }

  public LockRequest withCancellation(Cancellation value) {
    return new LockRequest(patience, policy, times, command, value, listener, anyNames);
  }

  public LockRequest withListener(LockListener value) {
    return new LockRequest(patience, policy, times, command, cancellation, value, anyNames);
  }

  public LockRequest withCommand(String value) {
    return new LockRequest(patience, policy, times, value, cancellation, listener, anyNames);
  }

  public LockRequest withAnyNames(boolean value) {
    return new LockRequest(patience, policy, times, command, cancellation, listener, value);
  }
}
