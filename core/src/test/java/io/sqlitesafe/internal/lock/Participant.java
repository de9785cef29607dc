package io.sqlitesafe.internal.lock;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * One process of a scripted interleaving. Its code runs on a thread of its own, which stands still
 * before every numbered step of the protocol until the script lets it take that step. Nothing
 * depends on time: each move is a handshake.
 */
final class Participant<T> implements AutoCloseable {
  private static final long HANG_SECONDS = 30;

  private final SynchronousQueue<Object> announced = new SynchronousQueue<>();
  private final SynchronousQueue<Boolean> permits = new SynchronousQueue<>();
  private final FutureTask<T> task;
  private final Thread thread;
  private Object next = "not started";

  /** What the participant does, given the listener to put into its lock directory. */
  interface Body<T> {
    T run(Step.Listener listener) throws Exception;
  }

  private static final Object END = "end";

  Participant(Body<T> body) {
    Callable<T> callable =
        () -> {
          try {
            return body.run(this::announce);
          } finally {
            announced.offer(END, HANG_SECONDS, TimeUnit.SECONDS);
          }
        };
    task = new FutureTask<>(callable);
    thread = new Thread(task, "participant");
    thread.setDaemon(true);
    thread.start();
  }

  private void announce(Step step) {
    if (Thread.currentThread() != thread) {
      return; // the script itself uses the lock that this participant has acquired
    }
    try {
      announced.offer(step, HANG_SECONDS, TimeUnit.SECONDS);
      permits.poll(HANG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("the script is over", e);
    }
  }

  /** Runs until the participant is about to take {@code step}, and leaves it there. */
  Participant<T> advanceTo(Step step) throws Exception {
    do {
      if (move() == END) {
        throw new AssertionError("ended before " + step + ": " + result());
      }
    } while (next != step);
    return this;
  }

  private Object move() throws InterruptedException {
    if (next instanceof Step) {
      permits.offer(true, HANG_SECONDS, TimeUnit.SECONDS);
    }
    next = announced.poll(HANG_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the participant hangs");
    }
    return next;
  }

  /** Runs to the end. */
  T finish() throws Exception {
    while (next != END) {
      move();
    }
    return result();
  }

  private T result() throws Exception {
    try {
      return task.get(HANG_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Kills it where it stands: it takes no further step. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
