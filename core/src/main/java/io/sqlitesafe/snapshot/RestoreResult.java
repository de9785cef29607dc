package io.sqlitesafe.snapshot;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup that is in place, or would have been.
 *
 * @param drill it was only tried, and thrown away
 * @param bytes size of the database
 * @param sha256 of the database in the backup
 * @param manifest what the backup was compared with; null where there is none
 * @param check what the verification found; null where there was none
 * @param movedAside where the former database is now; null where there was none
 * @param locked for how long the lock was held
 * @param warnings what needs attention although the restore is done
 */
public record RestoreResult(
    boolean drill,
    long bytes,
    String sha256,
    @Nullable Manifest manifest,
    @Nullable CheckResult check,
    @Nullable Path movedAside,
    Duration locked,
    List<String> warnings) {}
