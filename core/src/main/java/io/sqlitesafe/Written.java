package io.sqlitesafe;

import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.changeset.PendingOutcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A finished write.
 *
 * @param value what the unit of work returned
 * @param lock the lock it was done under
 * @param committed false for a dry run
 * @param recoveredJournal a crashed writer's journal was rolled back on the way
 * @param changeset the file of its changes, if one was asked for
 * @param pending what became of the changeset of a writer that had crashed, if there was one
 * @param warnings what needs attention although the write is done and durable
 * @param <T> type of the value
 */
public record Written<T extends @Nullable Object>(
    T value,
    LockUse lock,
    boolean committed,
    boolean recoveredJournal,
    @Nullable Captured changeset,
    @Nullable PendingOutcome pending,
    List<String> warnings) {
  /** The list of warnings is copied. */
  public Written {
    warnings = List.copyOf(warnings);
  }

  /** The same, once it is known what the release had to say. */
  Written<T> withWarnings(List<String> all) {
    return new Written<>(value, lock, committed, recoveredJournal, changeset, pending, all);
  }

  /**
   * How the lock was used.
   *
   * @param waited until it was free
   * @param held until the result was safe
   * @param token its identity
   */
  public record LockUse(Duration waited, Duration held, String token) {}
}
