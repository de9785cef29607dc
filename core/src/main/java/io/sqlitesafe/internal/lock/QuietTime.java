package io.sqlitesafe.internal.lock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * For how long an observed value has stayed the same, by the observer's monotonic clock. One sample
 * adds at most one heartbeat interval: an observer that was itself stopped or asleep must not count
 * its own pause as the holder's silence (protocol section 6). Not thread-safe.
 */
final class QuietTime {
  private final Duration cap;
  private @Nullable Object value;
  private long lastNanos;
  private Duration quiet = Duration.ZERO;

  QuietTime(Duration cap) {
    this.cap = cap;
  }

  /** Notes what was seen at {@code nanos}, and returns how long it has been so. */
  Duration sample(Object seen, long nanos) {
    if (!seen.equals(value)) {
      value = seen;
      quiet = Duration.ZERO;
    } else {
      Duration step = Duration.ofNanos(nanos - lastNanos);
      quiet = quiet.plus(step.compareTo(cap) > 0 ? cap : step);
    }
    lastNanos = nanos;
    return quiet;
  }
}
