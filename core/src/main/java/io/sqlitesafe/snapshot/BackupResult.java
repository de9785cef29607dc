package io.sqlitesafe.snapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that is in place, or that need not be made, or that would be made.
 *
 * @param file the backup; where it was skipped, the last one
 * @param outcome what became of it
 * @param manifest what is known of it, whether or not it was written beside it; of a dry run, the
 *     little that is known beforehand
 * @param check what the verification found; null where there was none
 * @param longestStall for how long a writer may have had to wait
 * @param retention what became of earlier backups; null without a rule
 * @param setAside where the file is now that had the backup's name and could not be replaced; null
 *     where there was none
 * @param warnings what needs attention although the backup is in place
 */
public record BackupResult(
    Path file,
    Outcome outcome,
    Manifest manifest,
    @Nullable CheckResult check,
    Duration longestStall,
    Retention.@Nullable Outcome retention,
    @Nullable Path setAside,
    List<String> warnings) {
  /** What became of a backup. */
  public enum Outcome {
    MADE,
    /** Nothing had changed. */
    SKIPPED,
    /** A dry run: nothing was written or deleted. */
    PLANNED
  }

  public boolean skipped() {
    return outcome == Outcome.SKIPPED;
  }

  public boolean dryRun() {
    return outcome == Outcome.PLANNED;
  }

  /** As this, with one more warning. */
  public BackupResult withWarning(String warning) {
    List<String> all = new ArrayList<>(warnings);
    all.add(warning);
    return new BackupResult(
        file, outcome, manifest, check, longestStall, retention, setAside, List.copyOf(all));
  }
}
