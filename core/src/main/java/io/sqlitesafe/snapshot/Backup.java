package io.sqlitesafe.snapshot;

import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.Undisturbed;
import io.sqlitesafe.snapshot.copy.BackupMethod;
import io.sqlitesafe.snapshot.copy.CopyEngine;
import io.sqlitesafe.snapshot.copy.GrowingDigest;
import io.sqlitesafe.snapshot.copy.LockedCopy;
import io.sqlitesafe.snapshot.copy.SnapshotListener;
import io.sqlitesafe.snapshot.copy.Source;
import io.sqlitesafe.snapshot.copy.SourceReader;
import io.sqlitesafe.snapshot.copy.Stalls;
import io.sqlitesafe.snapshot.file.Destination;
import io.sqlitesafe.snapshot.file.Packed;
import io.sqlitesafe.snapshot.file.Publication;
import io.sqlitesafe.snapshot.file.Scratch;
import io.sqlitesafe.snapshot.file.WriteBack;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import io.sqlitesafe.snapshot.manifest.Compression;
import io.sqlitesafe.snapshot.manifest.Manifest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The path of a backup: refuse, make room, copy, verify, publish, forget old ones. Used once, by
 * one thread.
 */
public final class Backup {
  private final Source source;
  private final BackupRequest request;
  private final SnapshotListener listener;
  private final Instant now = Instant.now();
  private final List<String> warnings = new ArrayList<>();
  private final Stalls stalls;
  private final boolean locked;

  private Backup(Source source, BackupRequest request, SnapshotListener listener, boolean locked) {
    this.locked = locked;
    this.source = source;
    this.request = request;
    this.listener = listener;
    this.stalls = new Stalls(request.maxStall());
  }

  /** Makes a backup, or finds that none is needed. */
  public static BackupResult run(Source source, BackupRequest request, SnapshotListener listener) {
    return Undisturbed.run(
        source.cancellation(), () -> new Backup(source, request, listener, false).toFile());
  }

  /** The bytes of the file as they are, copied under the exclusive lock. */
  public static BackupResult underLock(
      Source source, BackupRequest request, SnapshotListener listener) {
    return Undisturbed.run(
        source.cancellation(), () -> new Backup(source, request, listener, true).toFile());
  }

  /** Writes a backup, once it is verified, to {@code out}. */
  public static BackupResult stream(
      Source source,
      BackupRequest request,
      SnapshotListener listener,
      Path scratch,
      OutputStream out) {
    return Undisturbed.run(
        source.cancellation(),
        () -> new Backup(source, request, listener, false).toStream(scratch, out));
  }

  private BackupResult toFile() {
    try (SourceReader reader = SourceReader.open(source)) {
      Destination destination =
          Destination.of(request.destination(), source.paths(), now, request.compression());
      destination.requireHarmless(source.paths());
      if (request.manifest()) {
        destination.requireRoomForManifest();
      }
      String state = reader.state();
      LastBackup last = request.ifChanged() ? LastBackup.find(destination, source.paths()) : null;
      if (last != null && last.isOf(state) && last.satisfies(request.verify())) {
        return skipped(last);
      }
      try (Publication publication =
          Publication.begin(destination.file(), source.paths().database(), room(reader))) {
        return publish(reader, destination, publication, state, last);
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, source.paths().database(), "");
    } catch (IOException e) {
      throw Publication.failed("cannot back up " + source.paths().database(), e);
    }
  }

  /** While it is being compressed the copy lies there twice. */
  private long room(SourceReader reader) {
    reader.pin();
    try {
      long size = reader.size();
      return request.compression() == Compression.NONE ? size : size + size / 2;
    } finally {
      reader.unpin();
    }
  }

  private BackupResult publish(
      SourceReader reader,
      Destination destination,
      Publication publication,
      String state,
      @Nullable LastBackup last)
      throws IOException, SQLException {
    boolean compress = request.compression() != Compression.NONE;
    boolean digest = request.manifest() || last != null;
    Copy copy = copy(reader, publication.file(), digest && !compress, !compress);
    Path file = publication.file();
    Packed packed = new Packed(copy.size, copy.sha256(), copy.sha256());
    if (compress) {
      file = publication.another(request.compression().suffix());
      packed = pack(publication.file(), file);
    }
    if (last != null
        && last.hasContent(packed.contentSha256())
        && last.satisfies(request.verify())) {
      return skipped(last);
    }
    String name = String.valueOf(destination.file().getFileName());
    Manifest manifest = manifest(copy, packed, name, state);
    source.cancellation().throwIfRequested();
    publication.publish(file, request.manifest() ? manifest.toJson() : null);
    return new BackupResult(
        destination.file(),
        false,
        manifest,
        copy.verification.report(),
        stalls.longest(),
        retain(destination),
        warnings);
  }

  private Packed pack(Path copy, Path file) throws IOException {
    Packed packed;
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
      packed = Packed.pack(copy, out, request.compression(), this::compressing);
    }
    if (request.verify() != CheckLevel.NONE) {
      packed.verify(file, request.compression(), this::compressing);
    }
    Publication.sync(file);
    return packed;
  }

  private void compressing(long done, long total) {
    source.cancellation().throwIfRequested();
    listener.progress(SnapshotListener.Phase.COMPRESSING, done, total);
  }

  private BackupResult skipped(LastBackup last) {
    return new BackupResult(
        last.file(), true, last.manifest(), null, stalls.longest(), null, warnings);
  }

  private Retention.@Nullable Outcome retain(Destination destination) {
    if (!request.keep().isActive()) {
      return null;
    }
    Retention.Outcome outcome =
        request
            .keep()
            .apply(
                destination.directory(), source.paths().database().toString(), destination.file());
    warnings.addAll(outcome.warnings());
    return outcome;
  }

  private record Copy(
      BackupMethod method,
      long size,
      DatabaseHeader header,
      String sqliteVersion,
      Verification verification) {
    String sha256() {
      return verification.sha256() == null ? "" : verification.sha256();
    }
  }

  /** Copies into {@code file} and verifies it there. */
  private Copy copy(SourceReader reader, Path file, boolean digest, boolean keeps)
      throws IOException, SQLException {
    // What is compressed afterwards, or written to a stream, is not kept.
    try (WriteBack writeBack = keeps ? new WriteBack(file) : null) {
      return copy(reader, file, digest, writeBack);
    }
  }

  private Copy copy(SourceReader reader, Path file, boolean digest, @Nullable WriteBack writeBack)
      throws IOException, SQLException {
    CopyEngine engine =
        locked && !reader.isShared() ? new LockedCopy() : CopyEngine.of(request.method(), reader);
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
      if (request.verify() != CheckLevel.NONE) {
        listener.progress(SnapshotListener.Phase.VERIFYING, 0, size);
      }
      Verification verification =
          Verification.of(
              file, size, source, request.verify(), request.foreignKeys(), following, writeBack);
      warnings.addAll(verification.warnings());
      return new Copy(
          engine.method(), size, DatabaseHeader.read(file), sqliteVersion, verification);
    }
  }

  /**
   * @param state taken before the copy, so that a change in between makes the next run copy again
   */
  private Manifest manifest(Copy copy, Packed packed, String name, String state) {
    DatabaseHeader header = copy.header;
    String content = packed.contentSha256();
    return new Manifest(
        now,
        source.software(),
        source.paths().database().toString(),
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
            state.isEmpty() ? null : state),
        copy.verification.forManifest(request.verify(), request.foreignKeys()),
        stalls.longest().toMillis());
  }

  private BackupResult toStream(Path scratch, OutputStream out) {
    try (SourceReader reader = SourceReader.open(source);
        Scratch room = Scratch.create(scratch, room(reader))) {
      Path file = Files.createFile(room.directory().resolve("copy.sqlite"));
      Copy copy = copy(reader, file, false, false);
      Packed packed = Packed.pack(file, out, request.compression(), this::compressing);
      return new BackupResult(
          Path.of("-"),
          false,
          manifest(copy, packed, "-", ""),
          copy.verification.report(),
          stalls.longest(),
          null,
          warnings);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, source.paths().database(), "");
    } catch (IOException e) {
      throw Publication.failed("cannot back up " + source.paths().database(), e);
    }
  }
}
