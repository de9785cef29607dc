package io.sqlitesafe.snapshot;

import io.sqlitesafe.snapshot.manifest.CheckLevel;
import io.sqlitesafe.snapshot.manifest.ForeignKeyMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to restore.
 *
 * @param backup a database file, compressed or not; its manifest is heeded where there is one
 * @param verify how thoroughly to check it before anything is touched
 * @param foreignKeys what the check makes of broken ones; null = as the manifest says, and else
 *     {@link ForeignKeyMode#CHECK}
 */
public record RestoreRequest(Path backup, CheckLevel verify, @Nullable ForeignKeyMode foreignKeys) {
  /** What the manifest says of foreign keys. */
  public RestoreRequest(Path backup, CheckLevel verify) {
    this(backup, verify, null);
  }

  /** Fully checked. */
  public static RestoreRequest of(Path backup) {
    return new RestoreRequest(backup, CheckLevel.FULL);
  }
}
