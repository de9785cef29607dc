package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.DatabaseCheck;
import java.nio.file.Path;

/**
 * Checks databases without changing anything in or beside them. Stateless; many files may be
 * checked at the same time.
 *
 * <p>A database with a rollback journal is read under SQLite's SHARED lock, which makes writers
 * wait with their commit for as long as one statement of the check takes.
 */
public final class IntegrityCheck {
  private IntegrityCheck() {}

  /**
   * Checks any file: a live database, a backup, compressed or not, on media that cannot be written.
   * Where a manifest lies beside it, the file must be what it says. What is found is in the report.
   *
   * @throws SqliteSafeException where the file could not be checked: {@link ErrorKind#NO_DATABASE},
   *     {@link ErrorKind#LOCK_BUSY}, {@link ErrorKind#UNSAFE} (no room for decompression), {@link
   *     ErrorKind#FAILED}
   */
  public static CheckResult of(Path file, CheckRequest request) {
    return new DatabaseCheck(request).check(file);
  }
}
