package io.sqlitesafe.cli;

import io.sqlitesafe.WriteStream;
import io.sqlitesafe.error.Cancellation;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds one run of a command.
 *
 * @param console its streams
 * @param cancellation set by signals
 * @param stream the writes of a batch; null outside of one
 * @param startedNanos when the run began
 */
public record Invocation(
    Console console, Cancellation cancellation, @Nullable WriteStream stream, long startedNanos) {
  /** Milliseconds since the run began. */
  public long elapsedMillis() {
    return (System.nanoTime() - startedNanos) / 1_000_000;
  }
}
