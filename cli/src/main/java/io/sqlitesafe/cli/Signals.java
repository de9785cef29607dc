package io.sqlitesafe.cli;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a {@link Cancellation}, so that an interrupted command
 * leaves by the same way as any other: roll back, release, report, exit.
 *
 * <p>Not a shutdown hook: that runs beside the main thread, has to guess when it has finished,
 * cannot tell which signal came, and turns a commit that was already done into a failure status. A
 * second signal ends the process at once, as people expect; what it leaves is then a dead owner,
 * which the next writer breaks and recovers.
 */
final class Signals {
  private Signals() {}

  static void install(Cancellation cancellation) {
    AtomicBoolean first = new AtomicBoolean(true);
    handle("INT", ErrorKind.INTERRUPTED, first, cancellation);
    handle("TERM", ErrorKind.TERMINATED, first, cancellation);
    handle("HUP", ErrorKind.TERMINATED, first, cancellation);
  }

  private static void handle(
      String name, ErrorKind kind, AtomicBoolean first, Cancellation cancellation) {
    try {
      Signal.handle(
          new Signal(name),
          signal -> {
            if (first.getAndSet(false)) {
              cancellation.request(kind);
            } else {
              Runtime.getRuntime().halt(kind.exitCode());
            }
          });
    } catch (IllegalArgumentException unknownHere) {
      // Windows has no HUP.
    }
  }
}
