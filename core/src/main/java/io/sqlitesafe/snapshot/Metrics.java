package io.sqlitesafe.snapshot;

import java.io.IOException;
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
  /**
   * Replaces {@code file} in one step; a collector never sees half of it. The time of the last
   * success is taken over from the earlier file where this run failed.
   */
  public void write(Path file) throws IOException {
    throw new IOException("not there yet");
  }
}
