package io.sqlitesafe;

import io.sqlitesafe.changeset.capture.CaptureRequest;
import org.jspecify.annotations.Nullable;

/**
 * How one write is done.
 *
 * @param dryRun do everything, then roll back
 * @param retries how often the unit of work may be run again when SQLite's own locks were busy,
 *     within the patience
 * @param create allow a missing database; null = do not
 * @param capture make a file of the changes; null = do not
 */
public record WriteOptions(
    boolean dryRun, int retries, @Nullable NewDatabase create, @Nullable CaptureRequest capture) {
  /** Commit, no second run, the file must exist. */
  public static final WriteOptions DEFAULT = new WriteOptions(false, 0, null, null);

  /** Without capture. */
  public WriteOptions(boolean dryRun, int retries, @Nullable NewDatabase create) {
    this(dryRun, retries, create, null);
  }

  /** The same, and a file of the changes. */
  public WriteOptions withCapture(@Nullable CaptureRequest request) {
    return new WriteOptions(dryRun, retries, create, request);
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
