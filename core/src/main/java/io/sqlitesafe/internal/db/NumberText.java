package io.sqlitesafe.internal.db;

/**
 * Numbers as SQLite writes them, where that is plain to see; it takes SQLite itself longer. A REAL
 * that up to 13 digits without exponent tell apart from all others has these for its text; of any
 * other this says nothing. (Of 14 or 15 digits, which would do as well, SQLite 3.54 makes 17 more
 * often than not: 90656.143686814 becomes 90656.143686814001.)
 */
public final class NumberText {
  /** More bytes than any number takes. */
  public static final int LONGEST = 32;

  private static final double LEAST = 1e-3;
  private static final long MOST = 10_000_000_000_000L;
  private static final int[] SCALES = {10, 10_000, 10_000_000};
  private static final int[] PLACES = {1, 4, 7};

  private NumberText() {}

  /** Writes an INTEGER into {@code to} from {@code at} on; returns where it ends. */
  public static int add(long value, byte[] to, int at) {
    int start = at;
    long rest = value;
    if (value < 0) {
      to[start++] = '-';
    } else {
      rest = -value; // the least number has no positive
    }
    int end = start + digits(rest);
    int place = end;
    do {
      long next = rest / 10;
      to[--place] = (byte) ('0' + (next * 10 - rest));
      rest = next;
    } while (rest != 0);
    return end;
  }

  private static int digits(long negative) {
    int digits = 1;
    long limit = -10;
    while (digits < 19 && negative <= limit) {
      digits++;
      limit *= 10;
    }
    return digits;
  }

  /** Writes a REAL likewise; returns 0 where only SQLite knows. */
  public static int add(double value, byte[] to, int at) {
    double size = Math.abs(value);
    if (!(size >= LEAST && size < MOST)) {
      return 0;
    }
    for (int i = 0; i < SCALES.length; i++) {
      double scaled = size * SCALES[i];
      if (scaled >= MOST) {
        return 0;
      }
      long whole = (long) (scaled + 0.5);
      // Both are exact, and a quotient is rounded to the nearest: so the decimal reads back as it.
      if ((double) whole / SCALES[i] == size && whole < MOST) {
        return decimal(value < 0, whole, SCALES[i], PLACES[i], to, at);
      }
    }
    return 0;
  }

  private static int decimal(
      boolean negative, long whole, int scale, int places, byte[] to, int at) {
    int start = at;
    if (negative) {
      to[start++] = '-';
    }
    long before = whole / scale;
    int after = (int) (whole - before * scale);
    int end = add(before, to, start);
    to[end++] = '.';
    for (int place = end + places - 1; place >= end; place--) {
      to[place] = (byte) ('0' + after % 10);
      after /= 10;
    }
    int last = end + places;
    while (last > end + 1 && to[last - 1] == '0') {
      last--;
    }
    return last;
  }
}
