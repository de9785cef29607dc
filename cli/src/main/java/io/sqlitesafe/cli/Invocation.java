package io.sqlitesafe.cli;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.lock.LockRelay;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds one run of a command.
 *
 * @param console its streams
 * @param cancellation set by signals
 * @param relay hands the lock to the next command of a batch; null outside of one
 * @param startedNanos when the run began
 */
public record Invocation(
    Console console, Cancellation cancellation, @Nullable LockRelay relay, long startedNanos) {
  /** Milliseconds since the run began. */
  public long elapsedMillis() {
    return (System.nanoTime() - startedNanos) / 1_000_000;
  }
}
