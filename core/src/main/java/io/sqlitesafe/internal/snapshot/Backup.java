package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.copy.SourceReader;
import io.sqlitesafe.internal.copy.Stalls;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.Destination;
import io.sqlitesafe.internal.file.NamePattern;
import io.sqlitesafe.internal.file.Packed;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.host.Undisturbed;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.lock.ProcessIdentity;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.Identity;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.Retention;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The path of a backup: refuse, make room, copy and verify ({@link Copying}), give it its name
 * ({@link Placement}), forget old ones ({@link Retention}). Used once, by one thread.
 */
public final class Backup {

  private final Source source;
  private final BackupRequest request;
  private final Identity identity;
  private final Instant now = Instant.now();
  private final List<String> warnings = new ArrayList<>();
  private final Stalls stalls;
  private final Copying copying;

  private Backup(Source source, BackupRequest request, SnapshotListener listener, boolean locked) {
    this.source = source;
    this.request = request;
    this.identity = identity(source.paths().database(), request.id());
    this.stalls = new Stalls(request.maxStall());
    this.copying = new Copying(source, request, listener, locked, stalls, warnings);
    String doubt = source.doubt();
    if (doubt != null) {
      warnings.add(doubt);
    }
  }

  /** Makes a backup, or finds that none is needed, or what would be done. */
  public static BackupResult run(Source source, BackupRequest request, SnapshotListener listener) {
    return Undisturbed.run(
        source.cancellation(),
        () -> again(source, () -> new Backup(source, request, listener, false).toFile()));
  }

  /** The bytes of the file as they are, copied under the exclusive lock. */
  public static BackupResult underLock(
      Source source, BackupRequest request, SnapshotListener listener) {
    return Undisturbed.run(
        source.cancellation(),
        () -> again(source, () -> new Backup(source, request, listener, true).toFile()));
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
        () ->
            again(
                source, () -> new Backup(source, request, listener, false).toStream(scratch, out)));
  }

  /** Where the file was opened or written meanwhile by somebody whom nothing keeps from it. */
  private static BackupResult again(Source source, Supplier<BackupResult> backup) {
    return BusyRetry.whileChanging(source.patienceOrForever(), source.cancellation(), backup);
  }

  /** Of which database backups made here are. */
  static Identity identity(Path database, @Nullable String id) {
    ProcessIdentity self = ProcessTable.ofThisHost().self();
    return new Identity(id, self.machineId(), self.hostname(), database.toString());
  }

  private BackupResult toFile() {
    NamePattern name =
        NamePattern.of(request.place().text(), source.paths(), now, request.compression());
    requireRulesFit(name);
    return reading(reader -> toFile(reader, name));
  }

  /** Work on the source. */
  private interface Reading {
    BackupResult of(SourceReader reader) throws IOException, SQLException;
  }

  private BackupResult reading(Reading work) {
    try (SourceReader reader = SourceReader.open(source)) {
      try {
        reader.requireWhole();
        BackupResult result = work.of(reader);
        source.tell(reader.note());
        return result;
      } catch (IOException | SQLException | SqliteSafeException e) {
        reader.requireUndisturbed();
        throw e;
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, source.paths().database(), "");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private BackupResult toFile(SourceReader reader, NamePattern name)
      throws IOException, SQLException {
    if (request.dryRun() && !Files.isDirectory(Replacement.directory(name.path()))) {
      return plannedInNewDirectory(reader, name);
    }
    Destination destination = Destination.of(name, request.place().makeDirectory());
    destination.requireHarmless(source.paths());
    if (request.manifest() && destination.named()) {
      destination.requireRoomForManifest();
    }
    Occupant occupant = destination.named() ? occupant(destination) : null;
    String state = reader.state();
    LastBackup last = last(destination, occupant);
    if (last != null && last.isOf(state)) {
      return skipped(last, destination);
    }
    if (request.dryRun()) {
      return planned(reader, destination);
    }
    try (Replacement replacement =
        Replacement.begin(destination.file(), source.paths().database(), room(reader))) {
      return make(reader, destination, occupant, replacement, state, last);
    }
  }

  private SqliteSafeException failed(IOException e) {
    Path database = source.paths().database();
    return e instanceof EOFException
        ? new SqliteSafeException(
            ErrorKind.DAMAGED,
            database + " was cut off while it was copied: " + e.getMessage(),
            "nothing was changed; look at it by: sqlite-safe integrity-check",
            e)
        : Replacement.failed("cannot back up " + database, e);
  }

  /** Backups by the rules of retention lie beside each other, under names that are made up. */
  private void requireRulesFit(NamePattern name) {
    if (request.keep().isActive() && name.named()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--keep-* needs a directory or a pattern, and "
              + request.place().text()
              + " is neither: each backup would replace the one before",
          "name an existing directory, or one by a slash at its end (with --make-directory if it is"
              + " yet to be made)");
    }
  }

  private Occupant occupant(Destination destination) {
    return Occupant.of(destination, identity, request.place().overwrite(), source.cancellation());
  }

  /** The last backup, if it may stand for a new one; null where it may not, or is not asked for. */
  private @Nullable LastBackup last(Destination destination, @Nullable Occupant occupant) {
    LastBackup last = request.ifChanged() ? LastBackup.find(destination, identity) : null;
    if (last == null || !last.satisfies(request.verify())) {
      return null;
    }
    boolean intact =
        occupant == null || request.place().overwrite()
            ? last.isIntact(source.cancellation())
            : occupant.state() == Occupant.State.REPLACEABLE;
    if (intact) {
      return last;
    }
    if (occupant == null) { // else it is set aside, and that is said
      warnings.add(
          "the last backup, " + last.file() + ", is not as its manifest says: a new one was made");
    }
    return null;
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

  private BackupResult make(
      SourceReader reader,
      Destination destination,
      @Nullable Occupant occupant,
      Replacement replacement,
      String state,
      @Nullable LastBackup last)
      throws IOException, SQLException {
    boolean compress = request.compression() != Compression.NONE;
    boolean digest = request.manifest() || last != null;
    Copying.Copy copy = copying.copy(reader, replacement.file(), digest && !compress, !compress);
    Path file = replacement.file();
    Packed packed = copy.unpacked();
    if (compress) {
      file = replacement.another(request.compression().suffix());
      packed = copying.pack(replacement.file(), file);
    }
    if (last != null && last.hasContent(packed.contentSha256())) {
      return skipped(last, destination);
    }
    source.cancellation().throwIfRequested();
    Placement placement = place(destination, occupant, replacement, file, copy, packed, state);
    if (placement.warning() != null) {
      warnings.add(placement.warning());
    }
    Manifest manifest = manifest(copy, packed, placement.file(), state);
    return new BackupResult(
        placement.file(),
        BackupResult.Outcome.MADE,
        manifest,
        copy.verification().report(),
        stalls.longest(),
        retain(destination, placement.file(), manifest),
        placement.aside(),
        warnings);
  }

  private Placement place(
      Destination destination,
      @Nullable Occupant occupant,
      Replacement replacement,
      Path file,
      Copying.Copy copy,
      Packed packed,
      String state)
      throws IOException {
    Placement.Finished finished =
        new Placement.Finished(
            file,
            !copy.empty(),
            name -> request.manifest() ? manifest(copy, packed, name, state).toJson() : null);
    return occupant == null
        ? Placement.underFreeName(destination, replacement, finished)
        : Placement.underItsName(
            destination, replacement, finished, occupant, () -> occupant(destination));
  }

  private Manifest manifest(Copying.Copy copy, Packed packed, Path file, String state) {
    return copying.manifest(copy, packed, identity, now, String.valueOf(file.getFileName()), state);
  }

  private BackupResult skipped(LastBackup last, Destination destination) {
    if (!destination.named() && !last.manifest().database().hasContent()) { // as on the first night
      warnings.addAll(
          Retention.NONE.apply(destination.directory(), identity, last.file()).warnings());
    }
    return new BackupResult(
        last.file(),
        BackupResult.Outcome.SKIPPED,
        last.manifest(),
        null,
        stalls.longest(),
        null,
        null,
        warnings);
  }

  private Retention.@Nullable Outcome retain(
      Destination destination, Path fresh, Manifest manifest) {
    boolean active = request.keep().isActive();
    if (destination.named() || (!active && manifest.database().hasContent())) {
      return null;
    }
    Retention.Outcome outcome = request.keep().apply(destination.directory(), identity, fresh);
    warnings.addAll(outcome.warnings());
    return active ? outcome : null;
  }

  // ---- dry runs -------------------------------------------------------------------------------

  private BackupResult planned(SourceReader reader, Destination destination) throws IOException {
    Path file = destination.file();
    for (int n = 2; !destination.named() && Files.exists(file); n++) {
      file = destination.numbered(n);
    }
    Manifest manifest = expected(reader, file);
    if (destination.named() || !request.keep().isActive()) {
      return planned(file, manifest, null);
    }
    Retention.Outcome outcome =
        request
            .keep()
            .plan(destination.directory(), identity, new Retention.Backup(file, manifest));
    warnings.addAll(outcome.warnings());
    return planned(file, manifest, outcome);
  }

  private BackupResult plannedInNewDirectory(SourceReader reader, NamePattern name)
      throws IOException {
    if (!request.place().makeDirectory()) {
      return planned(reader, Destination.of(name, false)); // says what is wrong
    }
    Path file = name.path().toAbsolutePath();
    return planned(file, expected(reader, file), null);
  }

  private BackupResult planned(
      Path file, Manifest manifest, Retention.@Nullable Outcome retention) {
    return new BackupResult(
        file,
        BackupResult.Outcome.PLANNED,
        manifest,
        null,
        stalls.longest(),
        retention,
        null,
        warnings);
  }

  /** What can be said of a backup before it is made. */
  private Manifest expected(SourceReader reader, Path file) throws IOException {
    CheckLevel level = request.verify();
    return new Manifest(
        Manifest.FORMAT,
        now,
        source.software(),
        identity,
        request.method().id(),
        new Manifest.Stored(String.valueOf(file.getFileName()), 0, "", request.compression()),
        new Manifest.Content(
            Math.max(1, Files.size(source.paths().database())),
            null,
            0,
            0,
            reader.sqliteVersion(),
            0,
            0,
            0,
            reader.isEmpty(),
            null),
        new Manifest.Check(level, level != CheckLevel.NONE, 0, true, request.foreignKeys()),
        0);
  }

  private BackupResult toStream(Path scratch, OutputStream out) {
    return reading(reader -> toStream(reader, scratch, out));
  }

  private BackupResult toStream(SourceReader reader, Path scratch, OutputStream out)
      throws IOException, SQLException {
    try (Scratch room = Scratch.create(scratch, room(reader))) {
      Path file = Files.createFile(room.directory().resolve("copy.sqlite"));
      Copying.Copy copy = copying.copy(reader, file, false, false);
      Packed packed = copying.packTo(file, out);
      return new BackupResult(
          Path.of("-"),
          BackupResult.Outcome.MADE,
          manifest(copy, packed, Path.of("-"), ""),
          copy.verification().report(),
          stalls.longest(),
          null,
          null,
          warnings);
    }
  }
}
