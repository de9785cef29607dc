package io.sqlitesafe.snapshot;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to restore.
 *
 * @param backup a database file, compressed or not; its manifest is heeded where there is one
 * @param verify how thoroughly to check it before anything is touched
 * @param allowEmpty restore a backup that holds nothing, too
 * @param foreignKeys what the check makes of broken ones; null = as the manifest says, and else
 *     {@link ForeignKeyMode#CHECK}
 */
public record RestoreRequest(
    Path backup, CheckLevel verify, boolean allowEmpty, @Nullable ForeignKeyMode foreignKeys) {
  /** Fully checked. */
  public static RestoreRequest of(Path backup) {
    return new RestoreRequest(backup, CheckLevel.FULL, false, null);
  }
}
