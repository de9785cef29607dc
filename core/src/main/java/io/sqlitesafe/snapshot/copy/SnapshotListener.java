package io.sqlitesafe.snapshot.copy;

/** Told how far a snapshot has come, on the thread that makes it. */
public interface SnapshotListener {
  SnapshotListener SILENT = (phase, done, total) -> {};

  /** What is being done. */
  enum Phase {
    COPYING,
    RECOVERING,
    VERIFYING,
    COMPRESSING,
    RESTORING
  }

  /**
   * Called at the start of a phase and now and then in it.
   *
   * @param done bytes; may begin again from 0 when a copy has to
   * @param total bytes; 0 where nobody knows
   */
  void progress(Phase phase, long done, long total);
}
