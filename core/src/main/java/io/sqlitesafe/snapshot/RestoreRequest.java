package io.sqlitesafe.snapshot;

import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.nio.file.Path;

/**
 * What to restore.
 *
 * @param backup a database file, compressed or not; its manifest is heeded where there is one
 * @param verify how thoroughly to check it before anything is touched
 * @param allowEmpty restore a backup that holds nothing, too
 */
public record RestoreRequest(Path backup, CheckLevel verify, boolean allowEmpty) {
  /** Fully checked. */
  public static RestoreRequest of(Path backup) {
    return new RestoreRequest(backup, CheckLevel.FULL, false);
  }
}
