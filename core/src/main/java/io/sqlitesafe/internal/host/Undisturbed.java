package io.sqlitesafe.internal.host;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Runs something on a thread that nobody interrupts: Java closes a file channel when the thread
 * that reads from it is interrupted, and closing a descriptor of a database drops all POSIX locks
 * that the process has on it (sqlite.org/howtocorrupt.html, section 2.2). An interrupt of the
 * caller becomes a request to stop instead.
 */
public final class Undisturbed {
  private Undisturbed() {}

  public static <T> T run(Cancellation cancellation, Supplier<T> work) {
    FutureTask<T> task = new FutureTask<>(work::get);
    Thread thread = new Thread(task, "sqlite-safe-undisturbed");
    thread.setDaemon(true);
    thread.start();
    while (true) {
      try {
        return task.get();
      } catch (InterruptedException e) {
        cancellation.request(ErrorKind.INTERRUPTED);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof SqliteSafeException known) {
          throw cancellation.instead(known);
        }
        if (e.getCause() instanceof RuntimeException known) {
          throw known;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }
}
