package io.sqlitesafe.lock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A lock's owner, as others see it.
 *
 * @param token the claim's token
 * @param record what it says of itself; null where it says nothing that speaks for this token
 * @param heartbeatAge by the file system's clock; null where there is no heartbeat
 */
public record Holder(
    LockToken token, @Nullable OwnerRecord record, @Nullable Duration heartbeatAge) {
  private static final int MAX_SHOWN = 80;

  /** One clause for messages, such as "pid 4711 on db1 (write), since 2026-01-01T00:00:00Z". */
  public String describe() {
    if (record == null) {
      return "an owner without a record (token " + token + ")";
    }
    StringBuilder text = new StringBuilder();
    text.append("pid ").append(record.process().pid());
    text.append(" on ").append(printable(record.process().hostname()));
    if (record.command() != null) {
      text.append(" (").append(printable(record.command())).append(')');
    }
    if (record.worker() != null) {
      text.append(", which runs pid ").append(record.worker().pid());
    }
    text.append(", since ").append(printable(record.createdAt()));
    if (heartbeatAge != null) {
      text.append(", last heartbeat ").append(seconds(heartbeatAge)).append(" ago");
    }
    return text.toString();
  }

  private static String seconds(Duration time) {
    return time.toMillis() / 1000 + " s";
  }

  /**
   * A record is anybody's text: what a terminal would obey is not printed, and no more than a line
   * of it.
   */
  public static String printable(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints().limit(MAX_SHOWN).forEach(c -> safe.appendCodePoint(isSafe(c) ? c : '?'));
    return text.codePointCount(0, text.length()) > MAX_SHOWN ? safe + "..." : safe.toString();
  }

  private static boolean isSafe(int c) {
    return !Character.isISOControl(c)
        && Character.getType(c) != Character.FORMAT
        && Character.getType(c) != Character.LINE_SEPARATOR
        && Character.getType(c) != Character.PARAGRAPH_SEPARATOR
        && Character.getType(c) != Character.SURROGATE;
  }
}
