package io.sqlitesafe.internal.recover;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.snapshot.SnapshotListener;

/** How far a recovery has come, and whether it is to stop. For one thread. */
final class Progress {
  private static final int EVERY = 64;

  private final Cancellation cancellation;
  private final SnapshotListener listener;
  private final SnapshotListener.Phase phase;
  private final long total;
  private long done;
  private int steps;

  Progress(
      Cancellation cancellation,
      SnapshotListener listener,
      SnapshotListener.Phase phase,
      long total) {
    this.cancellation = cancellation;
    this.listener = listener;
    this.phase = phase;
    this.total = total;
    listener.progress(phase, 0, total);
  }

  /** So many bytes more. */
  void step(int bytes) {
    done += bytes;
    if (++steps % EVERY == 0) {
      cancellation.throwIfRequested();
      listener.progress(phase, Math.min(done, total), total);
    }
  }
}
