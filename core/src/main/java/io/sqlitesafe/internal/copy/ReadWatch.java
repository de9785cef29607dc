package io.sqlitesafe.internal.copy;

import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reports how far something has come that only SQLite knows: by the bytes that this process has
 * read, or read and written, since (Linux, {@code /proc/self/io}; elsewhere nothing is reported).
 * More than expected may be read, then there is no total any more. While it runs, the listener is
 * told on a thread of its own, and by nobody else.
 */
public final class ReadWatch implements AutoCloseable {
  private static final Path COUNTERS = Path.of("/proc/self/io");
  private static final String READ = "rchar: ";
  private static final String WRITTEN = "wchar: ";
  private static final long EVERY_MILLIS = 250;

  private final SnapshotListener listener;
  private final SnapshotListener.Phase phase;
  private final long total;
  private final boolean writes;
  private final long before;
  private final @Nullable Thread thread;
  private boolean over;

  /** What was read only to find out how much was read. */
  private long own;

  private ReadWatch(
      SnapshotListener listener, SnapshotListener.Phase phase, long total, boolean writes) {
    this.listener = listener;
    this.phase = phase;
    this.total = total;
    this.writes = writes;
    this.before = bytes();
    boolean wanted = before >= 0 && listener.isShown();
    this.thread = wanted ? new Thread(this::watch, "sqlite-safe-progress") : null;
  }

  /**
   * Begins to report.
   *
   * @param total bytes that will be read, as far as can be told
   */
  public static ReadWatch start(
      SnapshotListener listener, SnapshotListener.Phase phase, long total) {
    return started(new ReadWatch(listener, phase, total, false));
  }

  /** As above, where as much is written as is read. */
  public static ReadWatch ofCopy(
      SnapshotListener listener, SnapshotListener.Phase phase, long size) {
    return started(new ReadWatch(listener, phase, 2 * size, true));
  }

  private static ReadWatch started(ReadWatch watch) {
    watch.listener.progress(watch.phase, 0, watch.total);
    if (watch.thread != null) {
      watch.thread.setDaemon(true);
      watch.thread.start();
    }
    return watch;
  }

  private synchronized void watch() {
    try {
      while (!over) {
        wait(EVERY_MILLIS);
        if (!over) {
          long read = bytes() - before;
          listener.progress(phase, read, read <= total ? total : 0);
        }
      }
    } catch (InterruptedException stopped) {
      // nobody does
    }
  }

  private long bytes() {
    try {
      String counters = Files.readString(COUNTERS);
      long sum = -own;
      for (String line : counters.lines().toList()) {
        if (line.startsWith(READ) || (writes && line.startsWith(WRITTEN))) {
          sum += Long.parseLong(line.substring(READ.length()));
        }
      }
      own += counters.length();
      return sum;
    } catch (IOException | NumberFormatException notLinux) {
      return -1; // then nothing is reported
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      over = true;
      notifyAll();
    }
    if (thread != null) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
