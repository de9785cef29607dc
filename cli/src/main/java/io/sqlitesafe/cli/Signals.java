package io.sqlitesafe.cli;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import sun.misc.Signal;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a {@link Cancellation}, so that an interrupted command
 * leaves by the same way as any other: roll back, release, report, exit.
 *
 * <p>Not a shutdown hook: that runs beside the main thread, has to guess when it has finished,
 * cannot tell which signal came, and turns a commit that was already done into a failure status.
 *
 * <p>One request to stop often comes as two signals within a moment: {@code timeout} signals its
 * command and then the whole process group, a terminal that goes away sends SIGHUP and its shell
 * another, systemd sends SIGTERM and SIGHUP. So a second signal changes nothing. A third one, or
 * any that comes ten seconds after the first, means that somebody has waited long enough: it ends
 * the process at once, though never before the release has had three seconds. What that leaves is a
 * dead owner, which the next writer breaks and recovers.
 */
final class Signals {
  private static final int INSISTING = 3;
  private static final long PATIENCE_MILLIS = 10_000;
  private static final long RELEASE_MILLIS = 3_000;

  private final Cancellation cancellation;
  private int count;
  private long firstNanos;

  private Signals(Cancellation cancellation) {
    this.cancellation = cancellation;
  }

  static void install(Cancellation cancellation) {
    Signals signals = new Signals(cancellation);
    signals.handle("INT", ErrorKind.INTERRUPTED);
    signals.handle("TERM", ErrorKind.TERMINATED);
    signals.handle("HUP", ErrorKind.TERMINATED);
  }

  private void handle(String name, ErrorKind kind) {
    try {
      Signal.handle(new Signal(name), signal -> came(kind));
    } catch (IllegalArgumentException unknownHere) {
      // Windows has no HUP.
    }
  }

  /** On a thread of its own for each signal, so it may wait. */
  private void came(ErrorKind kind) {
    int number;
    long millis;
    synchronized (this) {
      number = ++count;
      firstNanos = number == 1 ? System.nanoTime() : firstNanos;
      millis = (System.nanoTime() - firstNanos) / 1_000_000;
    }
    if (number == 1) {
      cancellation.request(kind);
      return;
    }
    if (number < INSISTING && millis < PATIENCE_MILLIS) {
      return;
    }
    try {
      Thread.sleep(Math.max(0, RELEASE_MILLIS - millis));
    } catch (InterruptedException nobodyDoes) {
      // then at once
    }
    Runtime.getRuntime().halt(kind.exitCode());
  }
}
