package io.sqlitesafe.snapshot;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a backup, or of a drill, of one database for the textfile collector of Prometheus'
 * node_exporter. {@link MetricsFile} holds those of several databases.
 *
 * @param database absolute path of the source, the label {@code database}
 * @param kind whose metrics these are; what another kind wrote of the same database stays
 * @param success the run did what it was for
 * @param samples by name, without the kind's prefix
 */
public record Metrics(String database, Kind kind, boolean success, Map<String, Sample> samples) {
  /** The label of a backup that does not say of which database it is. */
  public static final String UNKNOWN = "unknown";

  static final String LAST_SUCCESS = "last_success_timestamp_seconds";

  /** What was run. */
  public enum Kind {
    BACKUP("sqlite_safe_backup_"),
    DRILL("sqlite_safe_drill_");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }

    String prefix() {
      return prefix;
    }
  }

  /**
   * One value.
   *
   * @param value in Prometheus' notation
   * @param labels more labels than {@code database}: empty, or a comma and what follows it
   */
  public record Sample(String value, String labels) {}

  /** What each metric is; in the order in which they are written. */
  static final Map<String, String> HELP = help();

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    String backup = Kind.BACKUP.prefix;
    help.put(backup + "success", "1 if the last run left a verified, current backup.");
    help.put(backup + "skipped", "1 if the last run found nothing changed.");
    help.put(backup + "last_run_timestamp_seconds", "When the last run ended.");
    help.put(backup + LAST_SUCCESS, "When a run last ended in success.");
    help.put(backup + "duration_seconds", "How long the last run took.");
    help.put(backup + "size_bytes", "Size of the backup.");
    help.put(
        backup + "longest_stall_seconds", "How long the last run kept a writer waiting at most.");
    help.put(backup + "check_ok", "1 if the verification of the last backup found nothing.");
    help.put(backup + "kept", "Backups that are kept.");
    help.put(backup + "warnings", "What needed attention after the last run (exit status 3).");
    String drill = Kind.DRILL.prefix;
    help.put(drill + "success", "1 if every backup of the last drill could be restored.");
    help.put(drill + "last_run_timestamp_seconds", "When the last drill ended.");
    help.put(drill + LAST_SUCCESS, "When a drill last ended in success.");
    help.put(drill + "duration_seconds", "How long the last drill took.");
    help.put(drill + "backups", "Backups that the last drill tried.");
    return help;
  }

  /**
   * Of a backup.
   *
   * @param result null where there is none: the run failed
   * @param finishedAt end of the run
   * @param duration of the run
   */
  public static Metrics ofBackup(
      String database,
      @Nullable BackupResult result,
      CheckLevel check,
      Instant finishedAt,
      Duration duration) {
    Samples samples = new Samples();
    samples.add("skipped", result != null && result.skipped() ? "1" : "0");
    samples.run(result != null, finishedAt, duration);
    if (result != null) {
      samples.add("size_bytes", Long.toString(result.manifest().file().bytes()));
      samples.add("longest_stall_seconds", seconds(result.longestStall()));
      if (check != CheckLevel.NONE) {
        samples.all.put("check_ok", new Sample("1", ",level=\"" + check.id() + "\""));
      }
      if (result.retention() != null) {
        samples.add("kept", Integer.toString(result.retention().kept().size()));
      }
      samples.add("warnings", Integer.toString(result.warnings().size()));
    }
    return new Metrics(database, Kind.BACKUP, result != null, samples.all);
  }

  /**
   * Of a drill.
   *
   * @param database of which the backups are, or {@link #UNKNOWN}
   * @param backups how many were tried
   */
  public static Metrics ofDrill(
      String database, boolean success, int backups, Instant finishedAt, Duration duration) {
    Samples samples = new Samples();
    samples.run(success, finishedAt, duration);
    samples.add("backups", Integer.toString(backups));
    return new Metrics(database, Kind.DRILL, success, samples.all);
  }

  private static final class Samples {
    private final Map<String, Sample> all = new LinkedHashMap<>();

    void add(String name, String value) {
      all.put(name, new Sample(value, ""));
    }

    void run(boolean success, Instant finishedAt, Duration duration) {
      String end = decimal(finishedAt.toEpochMilli());
      add("success", success ? "1" : "0");
      add("last_run_timestamp_seconds", end);
      if (success) {
        add(LAST_SUCCESS, end);
      }
      add("duration_seconds", seconds(duration));
    }
  }

  /** The lines of its samples, by full name. */
  Map<String, List<String>> lines() {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    samples.forEach(
        (name, sample) ->
            lines.put(
                kind.prefix + name,
                List.of(
                    kind.prefix
                        + name
                        + "{database=\""
                        + escaped(database)
                        + "\""
                        + sample.labels
                        + "} "
                        + sample.value)));
    return lines;
  }

  static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static String seconds(Duration time) {
    return decimal(time.toMillis());
  }

  private static String decimal(long millis) {
    return BigDecimal.valueOf(millis, 3).toPlainString();
  }
}
