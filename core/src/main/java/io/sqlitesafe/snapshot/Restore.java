package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.error.Undisturbed;
import io.sqlitesafe.fs.Durable;
import io.sqlitesafe.fs.FileUse;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.DatabaseLock;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockPaths;
import io.sqlitesafe.snapshot.check.CheckReport;
import io.sqlitesafe.snapshot.copy.SnapshotListener;
import io.sqlitesafe.snapshot.copy.Source;
import io.sqlitesafe.snapshot.file.Publication;
import io.sqlitesafe.snapshot.file.Scratch;
import io.sqlitesafe.snapshot.file.WriteBack;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import io.sqlitesafe.snapshot.manifest.ForeignKeyMode;
import io.sqlitesafe.snapshot.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The path of a restore: verify the backup in a file of its own beside the database, take the lock,
 * move the database and its journals aside, put the file in place, check again. Used once, by one
 * thread.
 */
public final class Restore {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);

  private final Source source;
  private final RestoreRequest request;
  private final SnapshotListener listener;
  private final LockPaths paths;
  private final List<String> warnings = new ArrayList<>();
  private @Nullable ForeignKeyMode foreignKeys;

  private Restore(Source source, RestoreRequest request, SnapshotListener listener) {
    this.source = source;
    this.request = request;
    this.listener = listener;
    this.paths = source.paths();
  }

  /**
   * Restores.
   *
   * @throws SqliteSafeException {@link ErrorKind#DAMAGED} where the backup is no good, {@link
   *     ErrorKind#UNSAFE} where a process has the database open, {@link ErrorKind#LOCK_BUSY}; the
   *     database is as it was
   */
  public static RestoreResult run(
      Source source, RestoreRequest request, SnapshotListener listener) {
    return Undisturbed.run(
        source.cancellation(), () -> new Restore(source, request, listener).restore(false));
  }

  /**
   * Does all of it in a directory of its own, which is removed again.
   *
   * @param source a database in that directory, which is not there yet
   */
  public static RestoreResult drill(
      Source source, RestoreRequest request, SnapshotListener listener) {
    return Undisturbed.run(
        source.cancellation(), () -> new Restore(source, request, listener).restore(true));
  }

  /** A directory with room for the database in the backup. */
  public static Scratch scratch(RestoreRequest request, Path parent) {
    try {
      return Scratch.create(parent, Unpacked.Backup.of(request.backup()).room());
    } catch (IOException e) {
      throw Publication.failed("cannot read " + request.backup(), e);
    }
  }

  private RestoreResult restore(boolean drill) {
    try {
      Unpacked.Backup backup = Unpacked.Backup.of(request.backup());
      requireAnother(backup);
      FileUse.requireNotOpenElsewhere(paths.database());
      // Whoever has it open would go on writing to the file that is moved aside.
      Path like = Files.exists(paths.database()) ? paths.database() : backup.file();
      try (Publication publication = Publication.begin(paths.database(), like, backup.room())) {
        Unpacked unpacked =
            Unpacked.copy(backup, publication.file(), source.cancellation(), listener);
        CheckReport report =
            verify(publication.file(), unpacked.bytes(), backup, unpacked.manifest());
        Placed placed = place(publication);
        return new RestoreResult(
            drill,
            unpacked.bytes(),
            unpacked.sha256(),
            unpacked.manifest() != null,
            report,
            placed.aside,
            placed.locked,
            warnings);
      }
    } catch (IOException e) {
      throw Publication.failed("cannot restore " + request.backup() + " to " + paths.database(), e);
    }
  }

  private void requireAnother(Unpacked.Backup backup) throws IOException {
    if (Files.exists(paths.database()) && Files.isSameFile(backup.file(), paths.database())) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          backup.file() + " is the database itself, not a backup of it",
          "name the backup first, then the database");
    }
  }

  private @Nullable CheckReport verify(
      Path file, long size, Unpacked.Backup backup, @Nullable Manifest manifest)
      throws IOException {
    foreignKeys =
        request.foreignKeys() != null || manifest == null
            ? request.foreignKeys()
            : manifest.check().foreignKeys();
    if (request.verify() != CheckLevel.NONE) {
      listener.progress(SnapshotListener.Phase.VERIFYING, 0, size);
    }
    try {
      Verification done =
          Verification.of(
              file, size, source, request.verify(), foreignKeys, null, new WriteBack(file));
      warnings.addAll(done.warnings());
      return done.report();
    } catch (SqliteSafeException e) {
      if (e.kind() == ErrorKind.NO_DATABASE) {
        throw new SqliteSafeException(
            e.kind(), backup.file() + " is not a SQLite database", "name a backup", e);
      }
      if (e.kind() != ErrorKind.DAMAGED) {
        throw e;
      }
      throw new SqliteSafeException(
              ErrorKind.DAMAGED,
              "the backup " + backup.file() + " is no good: " + e.getMessage(),
              "the database was not touched; take another backup",
              e)
          .with("problems", e.details().get("problems"));
    }
  }

  private record Placed(@Nullable Path aside, Duration locked) {}

  private Placed place(Publication publication) throws IOException {
    try (ExclusiveLock lock = source.admit(source.patienceOrForever(), warnings)) {
      boolean had = Files.exists(paths.database());
      FileUse.requireNotOpenElsewhere(paths.database());
      if (had && !hasJournals()) {
        drain(lock);
      }
      lock.confirm();
      source.cancellation().throwIfRequested();
      Path aside = had || hasJournals() ? moveAside() : null;
      try {
        putInPlace(publication, lock);
      } catch (SqliteSafeException e) {
        throw isSettled(e) || aside == null ? e : putBack(aside, e);
      }
      return new Placed(aside, lock.held());
    }
  }

  private void putInPlace(Publication publication, ExclusiveLock lock) {
    if (lock.access() == AccessMode.NETWORK_EXCLUSIVE && lock instanceof DatabaseLock own) {
      // That gives the lock back, so what is in place may be somebody else's a moment later.
      String warning = publication.publishBy(own, source.cancellation());
      if (warning != null) {
        warnings.add(warning);
      }
      return;
    }
    publication.publish(publication.file(), null);
    checkInPlace();
  }

  /** It is in place, or what is there may not be touched any more. */
  private static boolean isSettled(SqliteSafeException e) {
    return e.kind() == ErrorKind.WARNINGS
        || e.kind() == ErrorKind.LOCK_LOST
        || e.kind() == ErrorKind.UNCERTAIN;
  }

  /**
   * Waits for whoever is still inside SQLite, on another host perhaps. Not where there are
   * journals: opening would work them off, or throw away what SQLite can make nothing of, and both
   * are for whoever opens the former database to decide.
   */
  private void drain(ExclusiveLock lock) {
    try {
      source.drain(lock);
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED && e.kind() != ErrorKind.NO_DATABASE) {
        throw e; // a damaged database is a reason to restore
      }
    }
  }

  private List<Path> journals() {
    return List.of(paths.journal(), paths.wal(), paths.shm());
  }

  private boolean hasJournals() {
    return journals().stream().anyMatch(Files::exists);
  }

  /**
   * Moves database and journals aside under one new name, which keeps them together: SQLite finds a
   * journal by its database's name. First all of them get their second names, so that a crash loses
   * none; then the first names go, the database's before its journals', for a database without its
   * hot journal would be taken for a good one. Where there are no journals the database keeps its
   * name until the backup replaces it, and is never missing.
   */
  private Path moveAside() throws IOException {
    Path aside = asideName();
    List<Path> files = new ArrayList<>(List.of(paths.database()));
    files.addAll(journals());
    files.removeIf(Files::notExists);
    List<Path> linked = new ArrayList<>();
    for (Path file : files) {
      if (link(asideOf(file, aside), file)) {
        linked.add(file);
      }
    }
    Durable.syncDirectory(Publication.directory(aside));
    if (files.equals(List.of(paths.database())) && linked.equals(files)) {
      return aside;
    }
    for (Path file : files) {
      if (linked.contains(file)) {
        Files.delete(file);
      } else {
        Files.move(file, asideOf(file, aside), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    Durable.syncDirectory(Publication.directory(aside));
    return aside;
  }

  private Path asideOf(Path file, Path aside) {
    String suffix = file.toString().substring(paths.database().toString().length());
    return aside.resolveSibling(aside.getFileName() + suffix);
  }

  /** False where the file system has no links. */
  private static boolean link(Path second, Path file) {
    try {
      Files.createLink(second, file);
      return true;
    } catch (UnsupportedOperationException | IOException cannot) {
      return false;
    }
  }

  private Path asideName() {
    String time = TIME.format(Instant.now().atOffset(ZoneOffset.UTC));
    String name = paths.database().getFileName() + ".before-restore-" + time;
    Path aside = paths.database().resolveSibling(name);
    for (int i = 2; Files.exists(aside); i++) {
      aside = paths.database().resolveSibling(name + "-" + i);
    }
    return aside;
  }

  /** What was verified as a temporary file is looked at once more where it lies now. */
  private void checkInPlace() {
    if (request.verify() != CheckLevel.NONE) {
      Verification.check(paths.database(), source, CheckLevel.QUICK, foreignKeys);
    }
  }

  private SqliteSafeException putBack(Path aside, SqliteSafeException cause) {
    try {
      if (Files.exists(paths.database()) && Files.isSameFile(aside, paths.database())) {
        Files.delete(aside); // its second name; renaming one name of a file to another does nothing
        return cause;
      }
      for (Path moved : asideFiles(aside)) {
        String suffix = moved.toString().substring(aside.toString().length());
        Files.move(
            moved,
            paths.database().resolveSibling(paths.database().getFileName() + suffix),
            StandardCopyOption.ATOMIC_MOVE);
      }
      return cause;
    } catch (IOException e) {
      cause.addSuppressed(e);
      return new SqliteSafeException(
          ErrorKind.FAILED,
          cause.getMessage() + "; and the former database could not be put back from " + aside,
          "rename it by hand, with its -journal and -wal if there are any",
          cause);
    }
  }

  /** Journals first, for the same reason as in {@link #moveAside}. */
  private static List<Path> asideFiles(Path aside) {
    List<Path> files = new ArrayList<>();
    for (String suffix : new String[] {"-journal", "-wal", "-shm", ""}) {
      Path file = aside.resolveSibling(aside.getFileName() + suffix);
      if (Files.exists(file)) {
        files.add(file);
      }
    }
    return files;
  }
}
