package io.sqlitesafe.probe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.LockRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that both sides count up under the lock of the protocol, as the two kinds of
 * network-exclusive commit change a database: by renaming a new file onto it, or in place.
 */
final class LockedCounter {
  private static final Duration WAIT = Duration.ofSeconds(3);

  private LockedCounter() {}

  static void create(Path file) throws IOException {
    Files.write(file, content(0));
    Durable.syncDirectory(file.resolveSibling(""));
  }

  /** Always of the same size. */
  private static byte[] content(long n) {
    return String.format(Locale.ROOT, "%020d", n).getBytes(StandardCharsets.UTF_8);
  }

  static long read(Path file) throws IOException {
    try {
      return Long.parseLong(Files.readString(file));
    } catch (NumberFormatException torn) {
      throw new IOException("the file holds neither the old nor the new content", torn);
    }
  }

  /** Counts as often as it can until then, by this host's clock. */
  static Commits.Done count(Path file, boolean inPlace, long endMicros, Cancellation cancellation) {
    int done = 0;
    String first = "";
    try {
      LockManager manager = LockManager.of(LockPaths.of(file));
      LockRequest request =
          LockRequest.defaults("probe").withPatience(WAIT).withCancellation(cancellation);
      do {
        try (DatabaseLock lock = manager.acquire(request)) {
          change(file, read(file) + 1, inPlace, lock);
          done++;
        } catch (SqliteSafeException e) {
          cancellation.throwIfRequested();
          // Having had no turn is no fault.
          boolean fault = e.kind() != ErrorKind.LOCK_BUSY;
          first = fault && first.isEmpty() ? String.valueOf(e.getMessage()) : first;
        }
        // Longer than the other takes to look again.
        cancellation.sleep(Duration.ofMillis(ThreadLocalRandom.current().nextLong(20, 400)));
      } while (Clocks.now() < endMicros);
    } catch (IOException e) {
      first = IoErrors.reason(e);
    }
    return new Commits.Done(done, first);
  }

  private static void change(Path file, long n, boolean inPlace, DatabaseLock lock)
      throws IOException {
    if (inPlace) {
      lock.ensureHeld();
      Files.write(file, content(n), StandardOpenOption.WRITE, StandardOpenOption.SYNC);
      return;
    }
    Path next = file.resolveSibling(file.getFileName() + "." + lock.token());
    Durable.writeAndSync(next, content(n));
    lock.ensureHeld();
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    Durable.syncDirectory(file.resolveSibling(""));
  }
}
