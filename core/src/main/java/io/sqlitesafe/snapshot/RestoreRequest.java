package io.sqlitesafe.snapshot;

import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.nio.file.Path;

/**
 * What to restore.
 *
 * @param backup a database file, compressed or not; its manifest is heeded where there is one
 * @param verify how thoroughly to check it before anything is touched
 */
public record RestoreRequest(Path backup, CheckLevel verify) {
  /** Fully checked. */
  public static RestoreRequest of(Path backup) {
    return new RestoreRequest(backup, CheckLevel.FULL);
  }
}
