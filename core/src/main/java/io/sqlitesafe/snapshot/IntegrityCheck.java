package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Checks databases without changing anything in or beside them. Thread-safe; one object may check
 * many files at the same time.
 *
 * <p>What is found is in the report; exceptions are for files that could not be checked: {@link
 * ErrorKind#NO_DATABASE}, {@link ErrorKind#LOCK_BUSY}, {@link ErrorKind#UNSAFE} (no room for
 * decompression), {@link ErrorKind#FAILED}.
 *
 * @param level how thoroughly
 * @param maxErrors after how many problems to stop, of each kind
 * @param patience how long to wait for SQLite's locks of a live database
 * @param scratch directory for decompressed files
 * @param cancellation stops a running check
 */
public record IntegrityCheck(
    CheckLevel level, int maxErrors, Duration patience, Path scratch, Cancellation cancellation) {
  public static final int DEFAULT_MAX_ERRORS = 100;

  /** Full, 100 problems, 30 s of patience, the system's temporary directory. */
  public static IntegrityCheck defaults() {
    return new IntegrityCheck(
        CheckLevel.FULL,
        DEFAULT_MAX_ERRORS,
        Duration.ofSeconds(30),
        Path.of(System.getProperty("java.io.tmpdir", "/tmp")),
        new Cancellation());
  }

  /**
   * Checks any file: a live database, a backup, compressed or not, on media that cannot be written.
   * Where a manifest lies beside it, the file must be what it says.
   */
  public CheckReport check(Path file) {
    throw new SqliteSafeException(ErrorKind.INTERNAL, "not there yet", null);
  }

  /**
   * Checks a plain database file that nobody else uses, such as a copy that is about to be
   * published: without locks, without looking for a manifest. A write-ahead log beside it would be
   * ignored. The caller has no descriptor or connection open on it that must keep a lock.
   */
  public CheckReport checkPrivate(Path file) {
    throw new SqliteSafeException(ErrorKind.INTERNAL, "not there yet", null);
  }
}
