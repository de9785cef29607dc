package io.sqlitesafe.cli.kit;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.WriteDoor;
import io.sqlitesafe.error.Cancellation;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds one run of a command.
 *
 * @param console its streams
 * @param cancellation set by signals
 * @param doors where the writes of a batch go; null outside of one
 * @param startedNanos when the run began
 */
public record Invocation(
    Console console, Cancellation cancellation, @Nullable Doors doors, long startedNanos) {
  /** Opens databases to write to. */
  @FunctionalInterface
  public interface Doors {
    WriteDoor open(Path database, Settings settings);
  }

  /** The door for one write. */
  public WriteDoor open(Path database, Settings settings) {
    return doors == null ? SafeDatabase.of(database, settings) : doors.open(database, settings);
  }

  /** Milliseconds since the run began. */
  public long elapsedMillis() {
    return (System.nanoTime() - startedNanos) / 1_000_000;
  }
}
