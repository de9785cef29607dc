package io.sqlitesafe.snapshot;

import io.sqlitesafe.snapshot.copy.BackupMethod;
import io.sqlitesafe.snapshot.file.Destination;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import io.sqlitesafe.snapshot.manifest.Compression;
import io.sqlitesafe.snapshot.manifest.ForeignKeyMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What kind of backup to make. Immutable.
 *
 * @param destination a file, a directory, or a pattern (see {@link Destination#of})
 * @param method how to copy
 * @param maxStall for how long a writer may have to wait; null = as long as it takes
 * @param verify how thoroughly to check the copy before it is published
 * @param manifest write {@code DEST.json}
 * @param compression of the published file
 * @param keep which earlier backups to keep; {@link Retention#NONE} = all
 * @param ifChanged make none where nothing has changed since the last one
 * @param foreignKeys what the check makes of broken ones, and is kept in the manifest; null =
 *     {@link ForeignKeyMode#CHECK}
 */
public record BackupRequest(
    String destination,
    BackupMethod method,
    @Nullable Duration maxStall,
    CheckLevel verify,
    boolean manifest,
    Compression compression,
    Retention keep,
    boolean ifChanged,
    @Nullable ForeignKeyMode foreignKeys) {
  /** By {@link BackupMethod#AUTO}, quickly checked, with a manifest. */
  public static BackupRequest to(String destination) {
    return new BackupRequest(
        destination,
        BackupMethod.AUTO,
        null,
        CheckLevel.QUICK,
        true,
        Compression.NONE,
        Retention.NONE,
        false,
        null);
  }

  public BackupRequest withMethod(BackupMethod value) {
    return new BackupRequest(
        destination, value, maxStall, verify, manifest, compression, keep, ifChanged, foreignKeys);
  }

  public BackupRequest withMaxStall(@Nullable Duration value) {
    return new BackupRequest(
        destination, method, value, verify, manifest, compression, keep, ifChanged, foreignKeys);
  }

  public BackupRequest withVerify(CheckLevel value) {
    return new BackupRequest(
        destination, method, maxStall, value, manifest, compression, keep, ifChanged, foreignKeys);
  }

  public BackupRequest withManifest(boolean value) {
    return new BackupRequest(
        destination, method, maxStall, verify, value, compression, keep, ifChanged, foreignKeys);
  }

  public BackupRequest withCompression(Compression value) {
    return new BackupRequest(
        destination, method, maxStall, verify, manifest, value, keep, ifChanged, foreignKeys);
  }

  public BackupRequest withKeep(Retention value) {
    return new BackupRequest(
        destination,
        method,
        maxStall,
        verify,
        manifest,
        compression,
        value,
        ifChanged,
        foreignKeys);
  }

  public BackupRequest withIfChanged(boolean value) {
    return new BackupRequest(
        destination, method, maxStall, verify, manifest, compression, keep, value, foreignKeys);
  }

  public BackupRequest withForeignKeys(@Nullable ForeignKeyMode value) {
    return new BackupRequest(
        destination, method, maxStall, verify, manifest, compression, keep, ifChanged, value);
  }
}
