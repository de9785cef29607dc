package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.copy.Emptiness;
import io.sqlitesafe.internal.copy.ReadWatch;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.file.Aside;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.file.WriteBack;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.host.Undisturbed;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockManager;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.StaleJudge;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.ForeignKeyMode;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The path of a restore: verify the backup in a file of its own beside the database, take the lock,
 * move the database and its journals aside, put the file in place, check again. Used once, by one
 * thread.
 */
public final class Restore {
  /** As often a lock would have to be taken and given back between two of them. */
  private static final int LOOKS = 3;

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
      throw Replacement.failed("cannot read " + request.backup(), e);
    }
  }

  private RestoreResult restore(boolean drill) {
    try {
      Unpacked.Backup backup = Unpacked.Backup.of(request.backup());
      requireAnother(backup);
      requireReplaceable();
      requireUnused();
      Path like = Files.exists(paths.database()) ? paths.database() : backup.file();
      try (Replacement replacement = Replacement.begin(paths.database(), like, backup.room())) {
        Unpacked unpacked =
            Unpacked.copy(backup, replacement.file(), source.cancellation(), listener);
        requireContent(replacement.file(), unpacked, drill);
        CheckResult report =
            verify(replacement.file(), unpacked.bytes(), backup, unpacked.manifest());
        Placed placed = place(replacement);
        return new RestoreResult(
            drill,
            unpacked.bytes(),
            unpacked.sha256(),
            unpacked.manifest(),
            report,
            placed.aside,
            placed.locked,
            warnings);
      }
    } catch (IOException e) {
      throw Replacement.failed("cannot restore " + request.backup() + " to " + paths.database(), e);
    }
  }

  /**
   * Whoever has it open would go on writing to the file that is moved aside. Asked early, so that
   * nobody waits in vain; the look under the lock decides. Owners of the lock do not count: they
   * close the file with it, and one that keeps both between its writes has it open nearly always.
   */
  private void requireUnused() {
    LockManager manager = LockManager.of(paths);
    Set<Long> users = FileUse.openByOthers(paths.database());
    for (int look = 1; !users.isEmpty(); look++) {
      if (!(manager.inspect(LockTimes.DEFAULT).verdict() instanceof StaleJudge.Verdict.Free)) {
        return;
      }
      if (look == LOOKS) {
        throw FileUse.openIn(paths.database(), users);
      }
      users.retainAll(FileUse.openByOthers(paths.database()));
    }
  }

  /** Moved aside, a directory or a device would be missed by whoever uses it. */
  private void requireReplaceable() throws IOException {
    FileKind kind = FileKind.of(paths.database());
    if (kind != FileKind.REGULAR && kind != FileKind.ABSENT) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.database() + " is " + kind.words() + ", not a database that can be replaced",
          "name a file; nothing was changed");
    }
    for (Path journal : journals()) {
      kind = FileKind.of(journal, LinkOption.NOFOLLOW_LINKS);
      if (kind != FileKind.REGULAR && kind != FileKind.ABSENT) {
        throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            journal + ", which would be moved aside, is " + kind.words(),
            "look what it is; nothing was changed");
      }
    }
  }

  private List<Path> journals() {
    return List.of(paths.journal(), paths.wal(), paths.shm());
  }

  private void requireAnother(Unpacked.Backup backup) throws IOException {
    if (Files.exists(paths.database()) && Files.isSameFile(backup.file(), paths.database())) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          backup.file() + " is the database itself, not a backup of it",
          "name the backup first, then the database");
    }
    String objection =
        new OutputRule()
            .database(backup.file(), "the backup")
            .file(Manifest.pathFor(backup.file()), "the manifest of the backup")
            .objection(paths.database());
    if (objection != null) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE, paths.database() + " " + objection, "name the database to replace");
    }
  }

  /**
   * A backup that holds nothing is rarely what somebody wants back. A drill of one takes its
   * manifest's word that this is what there was to back up.
   */
  private void requireContent(Path file, Unpacked unpacked, boolean drill) {
    boolean empty = Emptiness.of(file, source.cancellation());
    Manifest manifest = unpacked.manifest();
    Boolean said = manifest == null ? null : manifest.database().empty();
    if (said != null && said != empty) {
      throw Unpacked.notAsSaid(request.backup(), empty ? "it holds no table" : "it holds tables");
    }
    if (!empty || request.allowEmpty() || (drill && manifest != null)) {
      return;
    }
    throw new SqliteSafeException(
        ErrorKind.UNSAFE,
        "the backup "
            + request.backup()
            + " holds nothing: "
            + (unpacked.bytes() == 0 ? "it has 0 bytes" : "there is no table in it"),
        "take another backup; if an empty database is what you want: --allow-empty");
  }

  private @Nullable CheckResult verify(
      Path file, long size, Unpacked.Backup backup, @Nullable Manifest manifest)
      throws IOException {
    foreignKeys =
        request.foreignKeys() != null || manifest == null
            ? request.foreignKeys()
            : manifest.check().foreignKeys();
    boolean checks = request.verify() != CheckLevel.NONE;
    try (ReadWatch watch =
        checks ? ReadWatch.start(listener, SnapshotListener.Phase.VERIFYING, size) : null) {
      Verification done =
          Verification.of(
              file,
              size,
              "the backup " + backup.file(),
              source,
              request.verify(),
              foreignKeys,
              null,
              new WriteBack(file));
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
              String.valueOf(e.getMessage()),
              "this backup cannot be used; the database was not touched: take another backup",
              e)
          .with("problems", e.details().get("problems"));
    }
  }

  private record Placed(@Nullable Path aside, Duration locked) {}

  private Placed place(Replacement replacement) throws IOException {
    try (ExclusiveLock lock = source.admit(source.patienceOrForever(), warnings)) {
      boolean had = Files.exists(paths.database());
      FileUse.requireNotOpenElsewhere(paths.database());
      if (had && !Aside.hasJournals(paths.database())) {
        drain(lock);
      }
      lock.ensureHeld();
      source.cancellation().throwIfRequested();
      Aside aside =
          had || Aside.hasJournals(paths.database())
              ? Aside.move(paths.database(), "before-restore")
              : null;
      try {
        putInPlace(replacement, lock);
      } catch (SqliteSafeException e) {
        throw isSettled(e) || aside == null ? e : putBack(aside, e);
      }
      return new Placed(aside == null ? null : aside.to(), lock.held());
    }
  }

  private void putInPlace(Replacement replacement, ExclusiveLock lock) {
    if (lock.access() == AccessMode.NETWORK_EXCLUSIVE && lock instanceof DatabaseLock own) {
      // That gives the lock back, so what is in place may be somebody else's a moment later.
      String warning = replacement.publishBy(own, source.cancellation());
      if (warning != null) {
        warnings.add(warning);
      }
      return;
    }
    replacement.replaceTarget(replacement.file(), null);
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

  /** What was verified as a temporary file is looked at once more where it lies now. */
  private void checkInPlace() {
    if (request.verify() != CheckLevel.NONE) {
      long size = paths.database().toFile().length();
      try (ReadWatch watch = ReadWatch.start(listener, SnapshotListener.Phase.VERIFYING, size)) {
        Verification.check(
            paths.database(),
            "what is now at " + paths.database(),
            source,
            CheckLevel.QUICK,
            foreignKeys);
      }
    }
  }

  private static SqliteSafeException putBack(Aside aside, SqliteSafeException cause) {
    try {
      aside.putBack();
      return cause;
    } catch (IOException e) {
      cause.addSuppressed(e);
      return new SqliteSafeException(
          ErrorKind.FAILED,
          cause.getMessage() + "; and the former database could not be put back from " + aside.to(),
          "rename it by hand, with its -journal and -wal if there are any",
          cause);
    }
  }
}
