package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import java.time.Duration;
import java.time.LocalDate;

/** Time and waiting, replaceable in tests so that none of them has to wait. */
public interface Clock {
  long DAY_MILLIS = 86_400_000;

  long nanoTime();

  /** Wall clock; moves on while the machine sleeps, which {@link #nanoTime} may not. */
  long wallMillis();

  /** Waits, unless cancelled. */
  void sleep(Duration time, Cancellation cancellation);

  /** RFC 3339 text of the present, for people. */
  default String timestamp() {
    // By hand: the first use of a DateTimeFormatter costs as much as the whole lock.
    long now = wallMillis();
    long inDay = Math.floorMod(now, DAY_MILLIS);
    return LocalDate.ofEpochDay(Math.floorDiv(now, DAY_MILLIS))
        + "T"
        + digits(inDay / 3_600_000, 2)
        + ":"
        + digits(inDay / 60_000 % 60, 2)
        + ":"
        + digits(inDay / 1000 % 60, 2)
        + "."
        + digits(inDay % 1000, 3)
        + "Z";
  }

  private static String digits(long value, int width) {
    return "0".repeat(width - String.valueOf(value).length()) + value;
  }

  Clock SYSTEM =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }

        @Override
        public void sleep(Duration time, Cancellation cancellation) {
          cancellation.sleep(time);
        }
      };
}
