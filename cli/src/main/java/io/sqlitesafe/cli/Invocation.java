package io.sqlitesafe.cli;

import io.sqlitesafe.error.Cancellation;

/**
 * What surrounds one run of a command.
 *
 * @param console its streams
 * @param cancellation set by signals
 * @param startedNanos when the run began
 */
public record Invocation(Console console, Cancellation cancellation, long startedNanos) {
  /** Milliseconds since the run began. */
  public long elapsedMillis() {
    return (System.nanoTime() - startedNanos) / 1_000_000;
  }
}
