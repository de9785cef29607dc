package io.sqlitesafe;

import io.sqlitesafe.changeset.CaptureRequest;
import org.jspecify.annotations.Nullable;

/**
 * How one write is done.
 *
 * @param dryRun do everything, then roll back
 * @param retries how often the unit of work may be run again when SQLite's own locks were busy,
 *     within the patience
 * @param create allow a missing database; null = do not
 * @param capture make a file of the changes; null = do not
 * @param foreignKeys SQLite enforces foreign keys and runs their actions; not for the application
 *     of changesets that hold what the actions did
 */
public record WriteOptions(
    boolean dryRun,
    int retries,
    @Nullable NewDatabase create,
    @Nullable CaptureRequest capture,
    boolean foreignKeys) {
  /** Commit, no second run, the file must exist. */
  public static final WriteOptions DEFAULT = new WriteOptions(false, 0, null, null, true);

  /** Without capture. */
  public WriteOptions(boolean dryRun, int retries, @Nullable NewDatabase create) {
    this(dryRun, retries, create, null, true);
  }

  /** The same, and a file of the changes. */
  public WriteOptions withCapture(@Nullable CaptureRequest request) {
    return new WriteOptions(dryRun, retries, create, request, foreignKeys);
  }

  /** The same, with foreign keys enforced or not. */
  public WriteOptions withForeignKeys(boolean value) {
    return new WriteOptions(dryRun, retries, create, capture, value);
  }

  /**
   * What a new database file gets; without effect on one that exists.
   *
   * @param pageSize bytes, or null for SQLite's default
   * @param applicationId sqlite.org/pragma.html#pragma_application_id, or null
   * @param userVersion sqlite.org/pragma.html#pragma_user_version, or null
   */
  public record NewDatabase(
      @Nullable Integer pageSize, @Nullable Integer applicationId, @Nullable Integer userVersion) {}
}
