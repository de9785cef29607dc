package io.sqlitesafe.snapshot;

import io.sqlitesafe.internal.copy.ReadWatch;

/**
 * Told how far a snapshot has come, on the thread that makes it, or on that of a {@link ReadWatch}.
 */
public interface SnapshotListener {
  SnapshotListener SILENT =
      new SnapshotListener() {
        @Override
        public void progress(Phase phase, long done, long total) {}

        @Override
        public boolean isShown() {
          return false;
        }
      };

  /** What is being done. */
  enum Phase {
    COPYING,
    RECOVERING,
    VERIFYING,
    COMPRESSING,
    RESTORING,
    CHECKING
  }

  /**
   * Called at the start of a phase and now and then in it.
   *
   * @param done bytes; may begin again from 0 when a copy has to
   * @param total bytes; 0 where nobody knows
   */
  void progress(Phase phase, long done, long total);

  /** False where nobody looks, so that nothing needs to be measured. */
  default boolean isShown() {
    return true;
  }
}
