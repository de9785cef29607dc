package io.sqlitesafe.probe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** This host's clock and the file system's. Microseconds since 1970. */
final class Clocks {
  private static final long SPIN_MICROS = 200;
  private static final int ENOUGH_TICKS = 4;

  private Clocks() {}

  static long now() {
    return micros(Instant.now());
  }

  private static long micros(Instant instant) {
    return TimeUnit.SECONDS.toMicros(instant.getEpochSecond()) + instant.getNano() / 1000;
  }

  static void sleepUntil(long micros) {
    while (true) {
      long left = micros - now();
      if (left <= 0) {
        return;
      }
      if (left > SPIN_MICROS) {
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(left - SPIN_MICROS));
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /**
   * The file system's clock.
   *
   * @param offset how far it is ahead of this host's
   * @param granularity its smallest step that was seen
   */
  record OfFileSystem(long offset, long granularity) {}

  /** Writes a file again and again until its time has changed a few times. */
  static OfFileSystem measure(Path file, long patienceMicros) throws IOException {
    long smallest = Long.MAX_VALUE;
    long offset = 0;
    long best = Long.MAX_VALUE;
    long last = -1;
    int ticks = 0;
    long end = now() + patienceMicros;
    while (ticks < ENOUGH_TICKS && now() < end) {
      long before = now();
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {'x'}));
        channel.force(true);
      }
      long after = now();
      long time = micros(Files.getLastModifiedTime(file).toInstant());
      if (last >= 0 && time != last) {
        smallest = Math.min(smallest, Math.abs(time - last));
        ticks++;
      }
      if (after - before < best) {
        best = after - before;
        offset = time - (before + after) / 2;
      }
      last = time;
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(500));
    }
    return new OfFileSystem(offset, smallest == Long.MAX_VALUE ? patienceMicros : smallest);
  }
}
