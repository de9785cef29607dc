package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.internal.copy.CopyEngine;
import io.sqlitesafe.internal.copy.Emptiness;
import io.sqlitesafe.internal.copy.GrowingDigest;
import io.sqlitesafe.internal.copy.LockedCopy;
import io.sqlitesafe.internal.copy.ReadWatch;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.copy.SourceReader;
import io.sqlitesafe.internal.copy.Stalls;
import io.sqlitesafe.internal.file.Packed;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.file.WriteBack;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.DatabaseHeader;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies a database into files that are nobody's yet, verifies them, and says what they are. Used
 * once, by one thread.
 *
 * @param underLock copy the bytes as they are, under the exclusive lock
 * @param warnings receives what needs attention
 */
record Copying(
    Source source,
    BackupRequest request,
    SnapshotListener listener,
    boolean underLock,
    Stalls stalls,
    List<String> warnings) {

  /** A copy, verified, not compressed. */
  record Copy(
      BackupMethod method,
      long size,
      DatabaseHeader header,
      boolean empty,
      String sqliteVersion,
      Verification verification) {
    /** Empty where it was not computed. */
    String sha256() {
      return verification.sha256() == null ? "" : verification.sha256();
    }

    /** As it is published where it is not compressed. */
    Packed unpacked() {
      return new Packed(size, sha256(), sha256());
    }
  }

  /**
   * Copies into {@code file} and verifies it there.
   *
   * @param digest compute the checksum
   * @param keeps {@code file} itself is what will be published, so it goes to the device
   */
  Copy copy(SourceReader reader, Path file, boolean digest, boolean keeps)
      throws IOException, SQLException {
    try (WriteBack writeBack = keeps ? new WriteBack(file) : null) {
      return copy(reader, file, digest, writeBack);
    }
  }

  private Copy copy(SourceReader reader, Path file, boolean digest, @Nullable WriteBack writeBack)
      throws IOException, SQLException {
    CopyEngine engine =
        underLock && LockedCopy.isPossible(reader)
            ? new LockedCopy()
            : CopyEngine.of(request.method(), reader);
    GrowingDigest running =
        engine.run(
            new CopyEngine.Job(
                source, reader, file, digest, writeBack, stalls, listener, warnings));
    String sqliteVersion = reader.sqliteVersion();
    reader.finish();
    try (GrowingDigest following = running == null && digest ? GrowingDigest.of(file) : running) {
      long size = Files.size(file);
      if (following != null) {
        following.advance(size);
      }
      Verification verification = verify(file, size, following, writeBack);
      warnings.addAll(verification.warnings());
      return new Copy(
          engine.method(),
          size,
          DatabaseHeader.read(file),
          Emptiness.of(file, source.cancellation()),
          sqliteVersion,
          verification);
    }
  }

  private Verification verify(
      Path file, long size, @Nullable GrowingDigest digest, @Nullable WriteBack writeBack)
      throws IOException {
    String what = "the copy of " + source.paths().database();
    boolean checks = request.verify() != CheckLevel.NONE;
    try (ReadWatch watch =
        checks ? ReadWatch.start(listener, SnapshotListener.Phase.VERIFYING, size) : null) {
      return Verification.of(
          file, size, what, source, request.verify(), request.foreignKeys(), digest, writeBack);
    }
  }

  /** Compresses {@code copy} into {@code file}, reads that back, and forces it to the device. */
  Packed pack(Path copy, Path file) throws IOException {
    Packed packed;
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
      packed = packTo(copy, out);
    }
    if (request.verify() != CheckLevel.NONE) {
      packed.verify(file, request.compression(), this::compressing);
    }
    Replacement.sync(file);
    return packed;
  }

  Packed packTo(Path copy, OutputStream out) throws IOException {
    return Packed.pack(copy, out, request.compression(), this::compressing);
  }

  private void compressing(long done, long total) {
    source.cancellation().throwIfRequested();
    listener.progress(SnapshotListener.Phase.COMPRESSING, done, total);
  }

  /**
   * What is known of a copy.
   *
   * @param state taken before the copy, so that a change in between makes the next run copy again
   */
  Manifest manifest(
      Copy copy, Packed packed, Identity identity, Instant now, String name, String state) {
    DatabaseHeader header = copy.header;
    String content = packed.contentSha256();
    return new Manifest(
        Manifest.FORMAT,
        now,
        source.software(),
        identity,
        copy.method.id(),
        new Manifest.Stored(name, packed.bytes(), packed.sha256(), request.compression()),
        new Manifest.Content(
            copy.size,
            content.isEmpty() ? null : content,
            header.pageSize(),
            header.pageCount(),
            copy.sqliteVersion,
            header.schema(),
            header.user(),
            header.application(),
            copy.empty,
            state.isEmpty() ? null : state),
        copy.verification.forManifest(request.verify(), request.foreignKeys()),
        stalls.longest().toMillis());
  }
}
