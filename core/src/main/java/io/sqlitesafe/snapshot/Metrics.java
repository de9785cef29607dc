package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.Durable;
import io.sqlitesafe.fs.OutputRule;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a backup for the textfile collector of Prometheus' node_exporter. One file belongs
 * to one database.
 *
 * @param database absolute path of the source, the label {@code database}
 * @param success the backup is there and verified, or the one before is still up to date
 * @param skipped nothing had changed ({@code --if-changed})
 * @param finishedAt end of the run
 * @param duration of the run
 * @param bytes size of the backup; null where there is none
 * @param longestStall of a writer; null where it is not known
 * @param check level of the verification
 * @param checkOk its result; null where nothing was checked
 * @param backups how many are kept; null where it is not known
 */
public record Metrics(
    String database,
    boolean success,
    boolean skipped,
    Instant finishedAt,
    Duration duration,
    @Nullable Long bytes,
    @Nullable Duration longestStall,
    CheckLevel check,
    @Nullable Boolean checkOk,
    @Nullable Integer backups) {
  private static final String PREFIX = "sqlite_safe_backup_";
  private static final String LAST_SUCCESS = PREFIX + "last_success_timestamp_seconds";
  private static final int MAX_BYTES = 64 * 1024;

  /**
   * Replaces {@code file} in one step; a collector never sees half of it. The time of the last
   * success is taken over from the earlier file where this run failed.
   *
   * @throws SqliteSafeException {@link io.sqlitesafe.error.ErrorKind#UNSAFE} where it would take
   *     the place of something else, see {@link OutputRule}
   */
  public void write(Path file) throws IOException {
    Path target =
        new OutputRule().database(Path.of(database), "the database").replaceable(file, "--metrics");
    Durable.replace(target, text(earlierSuccess(file)).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The text format of Prometheus (prometheus.io/docs/instrumenting/exposition_formats).
   *
   * @param earlier value of the time of the last success, as an earlier file had it; null = none
   */
  String text(@Nullable String earlier) {
    StringBuilder text = new StringBuilder();
    add(text, "success", "1 if the last run left a verified, current backup.", success ? "1" : "0");
    add(text, "skipped", "1 if the last run found nothing changed.", skipped ? "1" : "0");
    add(text, "last_run_timestamp_seconds", "When the last run ended.", seconds(finishedAt));
    add(
        text,
        "last_success_timestamp_seconds",
        "When a run last ended in success.",
        success ? seconds(finishedAt) : earlier);
    add(text, "duration_seconds", "How long the last run took.", seconds(duration));
    add(text, "size_bytes", "Size of the backup.", bytes == null ? null : bytes.toString());
    add(
        text,
        "longest_stall_seconds",
        "How long the last run kept a writer waiting at most.",
        longestStall == null ? null : seconds(longestStall));
    add(
        text,
        "check_ok",
        "1 if the verification of the last backup found nothing.",
        checkOk == null ? null : checkOk ? "1" : "0",
        ",level=\"" + check.id() + "\"");
    add(text, "kept", "Backups that are kept.", backups == null ? null : backups.toString());
    return text.toString();
  }

  private void add(StringBuilder text, String name, String help, @Nullable String value) {
    add(text, name, help, value, "");
  }

  private void add(
      StringBuilder text, String name, String help, @Nullable String value, String labels) {
    if (value != null) {
      String metric = PREFIX + name;
      text.append("# HELP ").append(metric).append(' ').append(help).append('\n');
      text.append("# TYPE ").append(metric).append(" gauge\n");
      text.append(metric).append(label()).append(labels).append("} ").append(value).append('\n');
    }
  }

  private String label() {
    return "{database=\""
        + database.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
        + "\"";
  }

  private static String seconds(Instant time) {
    return decimal(time.toEpochMilli());
  }

  private static String seconds(Duration time) {
    return decimal(time.toMillis());
  }

  private static String decimal(long millis) {
    return BigDecimal.valueOf(millis, 3).toPlainString();
  }

  /** What another run wrote for the same database; a file that is none of ours says nothing. */
  private @Nullable String earlierSuccess(Path file) {
    if (success || !Files.isRegularFile(file)) {
      return null;
    }
    String start = LAST_SUCCESS + label() + "} ";
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(start))
          .map(line -> line.substring(start.length()))
          .filter(value -> value.matches("[0-9]{1,12}(\\.[0-9]{1,3})?"))
          .findFirst()
          .orElse(null);
    } catch (IOException unreadable) {
      return null;
    }
  }
}
