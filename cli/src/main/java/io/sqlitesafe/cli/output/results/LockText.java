package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.InspectResult;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Holder;
import java.time.Duration;
import java.util.Map;

/** What is seen of a lock, for people. */
public final class LockText {
  private LockText() {}

  /** One fact a line. */
  public static String of(InspectResult report) {
    StringBuilder text = new StringBuilder();
    line(text, "database", report.database().toString());
    line(text, "verdict", report.verdict().id() + ": " + report.reason());
    if (report.holder() != null) {
      line(text, "owner", report.holder().describe());
      line(text, "token", report.holder().token().hex());
    }
    Duration kept = report.kept();
    if (kept != null) {
      line(text, "kept", "for the next write since " + kept.toMillis() + " ms");
    }
    report.waiters().forEach(waiter -> line(text, "waiting", waiter.describe()));
    if (report.foreign() != null) {
      line(text, "since", String.valueOf(report.foreign().since()));
      line(text, "advice", report.foreign().advice());
    }
    String names = report.names().objection();
    if (names != null) {
      line(text, "other names", names);
    }
    if (report.access() == AccessMode.NETWORK_EXCLUSIVE) {
      line(text, "access", report.access().id());
    }
    // Loops, because each lambda is a class that is loaded at the start of every short command.
    for (InspectResult.Reader reader : report.readers()) {
      line(
          text,
          "reader",
          reader.verdict().id()
              + ", "
              + reader.holder().describe()
              + ", token "
              + reader.holder().token().hex());
    }
    for (InspectResult.Beside file : report.files()) {
      line(text, "beside", file.name() + ", " + file.bytes() + " bytes");
    }
    for (InspectResult.SqliteLock lock : report.sqliteLocks()) {
      line(text, "sqlite lock", lock.kind() + " by " + FileUse.process(lock.pid()));
    }
    for (long pid : report.openBy()) {
      line(text, "open by", FileUse.process(pid));
    }
    line(
        text,
        "file system",
        report.mount().type()
            + (report.mount().isNetwork() ? " (network)" : " (local)")
            + " on "
            + report.mount().mountPoint());
    for (Map.Entry<String, String> each : MountText.policy(report.mount()).entrySet()) {
      line(text, "", each.getKey() + ": " + each.getValue());
    }
    return text.toString();
  }

  /** What is the same as long as the same ones have the lock and wait for it, on one line. */
  public static String line(InspectResult report) {
    StringBuilder text = new StringBuilder(report.verdict().id());
    Holder holder = report.holder();
    if (holder != null) {
      text.append(": ").append(unaged(holder)).append(", token ").append(holder.token());
    } else if (report.foreign() != null) {
      text.append(": ").append(report.reason());
    }
    for (InspectResult.Reader reader : report.readers()) {
      text.append("; read by ").append(unaged(reader.holder()));
    }
    for (Holder waiter : report.waiters()) {
      text.append("; waiting: ").append(unaged(waiter));
    }
    return text.toString();
  }

  private static String unaged(Holder holder) {
    return new Holder(holder.token(), holder.record(), null).describe();
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append(label)
        .append(" ".repeat(Math.max(1, 13 - label.length())))
        .append(value)
        .append('\n');
  }
}
