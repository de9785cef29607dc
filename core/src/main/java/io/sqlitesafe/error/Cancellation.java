package io.sqlitesafe.error;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A request to stop, made from another thread (a signal handler, say) and honoured where waiting or
 * work can be cut short. It is not {@link Thread#interrupt}: that closes file channels under the
 * very operations that have to roll back and release. Thread-safe; a request is final.
 */
public final class Cancellation {
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();
  private final Object monitor = new Object();
  private volatile @Nullable ErrorKind requested;

  /**
   * Asks for a stop. Only the first request counts. Runs the registered actions on the calling
   * thread.
   */
  public void request(ErrorKind kind) {
    synchronized (monitor) {
      if (requested != null) {
        return;
      }
      requested = kind;
      monitor.notifyAll();
    }
    actions.forEach(Runnable::run);
  }

  /** What was asked for, or null. */
  public @Nullable ErrorKind requested() {
    return requested;
  }

  /** Throws the request's error, if there is one. */
  public void throwIfRequested() {
    ErrorKind kind = requested;
    if (kind != null) {
      throw interrupted(kind);
    }
  }

  /**
   * What to report of an operation that ended with {@code e}. One that was stopped ends with what
   * SQLite makes of it: interrupted, or busy if it was waiting; the request tells more.
   */
  public SqliteSafeException instead(SqliteSafeException e) {
    ErrorKind kind = requested;
    boolean stopped = e.kind() == ErrorKind.INTERRUPTED || e.kind() == ErrorKind.LOCK_BUSY;
    return kind != null && stopped ? interrupted(kind) : e;
  }

  private static SqliteSafeException interrupted(ErrorKind kind) {
    return new SqliteSafeException(
        kind, "interrupted; everything was rolled back and nothing was changed", null);
  }

  /** Waits for that long, or throws the request's error as soon as there is one. */
  public void sleep(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    synchronized (monitor) {
      while (requested == null) {
        long rest = end - System.nanoTime();
        if (rest <= 0) {
          return;
        }
        try {
          monitor.wait(rest / 1_000_000, (int) (rest % 1_000_000));
        } catch (InterruptedException e) {
          // A Java caller's interrupt means the same. The flag stays cleared: see the class
          // comment.
          requested = ErrorKind.INTERRUPTED;
        }
      }
    }
    throwIfRequested();
  }

  /** Runs {@code action} upon a request, until the returned handle is closed. */
  public Registration onRequest(Runnable action) {
    actions.add(action);
    if (requested != null) {
      action.run();
    }
    return () -> actions.remove(action);
  }

  /** Ends a registration. */
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
