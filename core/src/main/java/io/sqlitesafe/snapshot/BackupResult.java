package io.sqlitesafe.snapshot;

import io.sqlitesafe.snapshot.check.CheckReport;
import io.sqlitesafe.snapshot.manifest.Manifest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that is in place, or that need not be made.
 *
 * @param file the backup; where it was skipped, the last one
 * @param skipped nothing had changed
 * @param manifest what is known of it, whether or not it was written beside it
 * @param check what the verification found; null where there was none
 * @param longestStall for how long a writer may have had to wait
 * @param retention what became of earlier backups; null without a rule
 * @param warnings what needs attention although the backup is in place
 */
public record BackupResult(
    Path file,
    boolean skipped,
    Manifest manifest,
    @Nullable CheckReport check,
    Duration longestStall,
    Retention.@Nullable Outcome retention,
    List<String> warnings) {}
