package io.sqlitesafe.snapshot;

import io.sqlitesafe.internal.file.NamePattern;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What kind of backup to make. Immutable.
 *
 * @param place where to
 * @param id name of the database, by which its backups are known; null = machine and path
 * @param method how to copy
 * @param maxStall for how long a writer may have to wait; null = as long as it takes
 * @param verify how thoroughly to check the copy before it is published
 * @param manifest write {@code DEST.json}
 * @param compression of the published file
 * @param keep which earlier backups to keep; {@link Retention#NONE} = all
 * @param ifChanged make none where nothing has changed since the last one
 * @param dryRun only find out what would be done
 * @param foreignKeys what the check makes of broken ones, and is kept in the manifest; null =
 *     {@link ForeignKeyMode#CHECK}
 */
public record BackupRequest(
    Place place,
    @Nullable String id,
    BackupMethod method,
    @Nullable Duration maxStall,
    CheckLevel verify,
    boolean manifest,
    Compression compression,
    Retention keep,
    boolean ifChanged,
    boolean dryRun,
    @Nullable ForeignKeyMode foreignKeys) {

  /**
   * Where a backup goes.
   *
   * @param text a file, a directory, or a pattern (see {@link NamePattern#of})
   * @param overwrite replace any file there, not only an earlier backup of the same database
   * @param makeDirectory make the directory where it is missing
   */
  public record Place(String text, boolean overwrite, boolean makeDirectory) {}

  /** By {@link BackupMethod#AUTO}, quickly checked, with a manifest. */
  public static BackupRequest to(String destination) {
    return new BackupRequest(
        new Place(destination, false, false),
        null,
        BackupMethod.AUTO,
        null,
        CheckLevel.QUICK,
        true,
        Compression.NONE,
        Retention.NONE,
        false,
        false,
        null);
  }

  public BackupRequest withPlace(Place value) {
    return new BackupRequest(
        value,
        id,
        method,
        maxStall,
        verify,
        manifest,
        compression,
        keep,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withId(@Nullable String value) {
    return new BackupRequest(
        place,
        value,
        method,
        maxStall,
        verify,
        manifest,
        compression,
        keep,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withMethod(BackupMethod value) {
    return new BackupRequest(
        place,
        id,
        value,
        maxStall,
        verify,
        manifest,
        compression,
        keep,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withMaxStall(@Nullable Duration value) {
    return new BackupRequest(
        place,
        id,
        method,
        value,
        verify,
        manifest,
        compression,
        keep,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withVerify(CheckLevel value) {
    return new BackupRequest(
        place,
        id,
        method,
        maxStall,
        value,
        manifest,
        compression,
        keep,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withManifest(boolean value) {
    return new BackupRequest(
        place,
        id,
        method,
        maxStall,
        verify,
        value,
        compression,
        keep,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withCompression(Compression value) {
    return new BackupRequest(
        place, id, method, maxStall, verify, manifest, value, keep, ifChanged, dryRun, foreignKeys);
  }

  public BackupRequest withKeep(Retention value) {
    return new BackupRequest(
        place,
        id,
        method,
        maxStall,
        verify,
        manifest,
        compression,
        value,
        ifChanged,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withIfChanged(boolean value) {
    return new BackupRequest(
        place,
        id,
        method,
        maxStall,
        verify,
        manifest,
        compression,
        keep,
        value,
        dryRun,
        foreignKeys);
  }

  public BackupRequest withDryRun(boolean value) {
    return new BackupRequest(
        place,
        id,
        method,
        maxStall,
        verify,
        manifest,
        compression,
        keep,
        ifChanged,
        value,
        foreignKeys);
  }

  public BackupRequest withForeignKeys(@Nullable ForeignKeyMode value) {
    return new BackupRequest(
        place, id, method, maxStall, verify, manifest, compression, keep, ifChanged, dryRun, value);
  }
}
