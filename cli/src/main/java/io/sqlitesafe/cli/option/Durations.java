package io.sqlitesafe.cli.option;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Durations as people write them: {@code 0}, {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h},
 * {@code forever}.
 */
public final class Durations {
  private static final int MAX_DIGITS = 12;

  private Durations() {}

  /** As {@link #parse}, where {@code forever} gives null. */
  public static @Nullable Duration parseOrForever(String option, String text) {
    return text.equals("forever") ? null : parse(option, text);
  }

  /**
   * Parses a whole number with its unit. A bare number is refused, because nobody remembers whether
   * it meant seconds or milliseconds; only 0 needs no unit.
   */
  public static Duration parse(String option, String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    if (digits == 0 || digits > MAX_DIGITS) {
      throw wrong(option, text);
    }
    long value = Long.parseLong(text.substring(0, digits));
    return switch (text.substring(digits)) {
      case "ms" -> Duration.ofMillis(value);
      case "s" -> Duration.ofSeconds(value);
      case "m" -> Duration.ofMinutes(value);
      case "h" -> Duration.ofHours(value);
      case "d" -> Duration.ofDays(value);
      case "" -> {
        if (value == 0) {
          yield Duration.ZERO;
        }
        throw wrong(option, text);
      }
      default -> throw wrong(option, text);
    };
  }

  private static SqliteSafeException wrong(String option, String text) {
    return new SqliteSafeException(
        ErrorKind.USAGE,
        option + " takes a duration, not '" + text + "'",
        "write a number with its unit: 500ms, 30s, 5m, 2h");
  }
}
