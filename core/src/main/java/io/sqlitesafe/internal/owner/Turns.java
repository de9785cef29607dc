package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.Courtesy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Hands the right to go for a lock from thread to thread without asking the file system, first
 * come, first served. Thread-safe.
 *
 * <pre>
 * turns.take(site);
 * try { ... } finally { turns.give(); }
 * </pre>
 */
public final class Turns {
  private final ReentrantLock threads = new ReentrantLock(true);
  private final Courtesy courtesy = new Courtesy();

  /** As {@link #await}, and pauses where others wait for a lock that was released just now. */
  public void take(Site site) {
    await(site);
    courtesy.letOthersIn(site.manager());
  }

  /**
   * Waits for this thread's turn.
   *
   * @throws SqliteSafeException {@link ErrorKind#USAGE} where this thread has it already, {@link
   *     ErrorKind#LOCK_BUSY} where another one keeps it for too long
   */
  public void await(Site site) {
    Path name = site.file();
    if (threads.isHeldByCurrentThread()) {
      throw nested(name);
    }
    Duration patience = site.patience();
    try {
      if (patience == null) {
        threads.lockInterruptibly();
      } else if (!threads.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            name + " is locked by another thread of this process",
            "wait longer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SqliteSafeException(
          ErrorKind.INTERRUPTED, "interrupted; nothing was changed", null);
    }
  }

  /** What a unit of work is told that would wait for itself. */
  public static SqliteSafeException nested(Path name) {
    return new SqliteSafeException(
        ErrorKind.USAGE,
        "this thread holds the lock of " + name + " already and would wait for itself",
        "use the session of the surrounding unit of work");
  }

  /** The lock is released, and so is the turn. */
  public void give() {
    courtesy.noteRelease();
    pass();
  }

  /** Gives the turn back after {@link #await}. */
  public void pass() {
    threads.unlock();
  }
}
