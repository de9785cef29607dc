package io.sqlitesafe.snapshot.copy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reports how far something has come that only SQLite knows: by the bytes that this process has
 * read since (Linux, {@code /proc/self/io}; elsewhere nothing is reported). More than expected may
 * be read, then there is no total any more. While it runs, the listener is told on a thread of its
 * own, and by nobody else.
 */
public final class ReadWatch implements AutoCloseable {
  private static final Path COUNTERS = Path.of("/proc/self/io");
  private static final String READ = "rchar: ";
  private static final long EVERY_MILLIS = 250;

  private final SnapshotListener listener;
  private final SnapshotListener.Phase phase;
  private final long total;
  private final long before;
  private final @Nullable Thread thread;
  private boolean over;

  private ReadWatch(SnapshotListener listener, SnapshotListener.Phase phase, long total) {
    this.listener = listener;
    this.phase = phase;
    this.total = total;
    this.before = bytesRead();
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
    listener.progress(phase, 0, total);
    ReadWatch watch = new ReadWatch(listener, phase, total);
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
          long read = bytesRead() - before;
          listener.progress(phase, read, read <= total ? total : 0);
        }
      }
    } catch (InterruptedException stopped) {
      // nobody does
    }
  }

  private static long bytesRead() {
    try {
      for (String line : Files.readAllLines(COUNTERS)) {
        if (line.startsWith(READ)) {
          return Long.parseLong(line.substring(READ.length()));
        }
      }
    } catch (IOException | NumberFormatException notLinux) {
      // then nothing is reported
    }
    return -1;
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
