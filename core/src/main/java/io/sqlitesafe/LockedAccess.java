package io.sqlitesafe;

import io.sqlitesafe.changeset.capture.PendingChangeset;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.FileUse;
import io.sqlitesafe.fs.Mount;
import io.sqlitesafe.fs.Use;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockManager;
import io.sqlitesafe.lock.LockPaths;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.snapshot.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every operation under the lock has in common: acquiring it, and opening the database behind
 * it.
 */
final class LockedAccess implements Source {
  private final LockPaths paths;
  private final Mount mount;
  private final LockManager manager;
  private final Settings settings;

  LockedAccess(LockPaths paths, Settings settings) {
    this.paths = paths;
    this.mount = Mount.of(paths.directory()).assumed(settings.assumed());
    this.manager = LockManager.of(paths, mount);
    this.settings = settings;
  }

  @Override
  public LockPaths paths() {
    return paths;
  }

  Mount mount() {
    return mount;
  }

  LockManager manager() {
    return manager;
  }

  Settings settings() {
    return settings;
  }

  /**
   * Takes the lock, or a share in a parent's.
   *
   * @param warnings receives what a later release has to say
   */
  ExclusiveLock acquire(List<String> warnings) {
    return admit(settings.patience(), warnings);
  }

  @Override
  public ExclusiveLock admit(@Nullable Duration patience, List<String> warnings) {
    if (settings.parent().isPresent()) {
      LockToken parent = settings.parent().get();
      return manager.inherit(parent);
    }
    requireFit();
    LockRequest request = settings.lockRequest().withWait(patience);
    ExclusiveLock lock = lock(request.withListener(new Collecting(request.listener(), warnings)));
    try {
      requireTrusted();
      return lock;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private ExclusiveLock lock(LockRequest request) {
    return settings.relay() == null
        ? manager.acquire(request)
        : settings.relay().acquire(manager, request);
  }

  // ---- what snapshots ask for ------------------------------------------------------------------

  @Override
  public String software() {
    return "sqlite-safe " + Capabilities.ownVersion();
  }

  @Override
  public Cancellation cancellation() {
    return settings.cancellation();
  }

  @Override
  public Duration patience() {
    return settings.busyTimeout(Duration.ZERO);
  }

  @Override
  public @Nullable Duration patienceOrForever() {
    return settings.patience();
  }

  @Override
  public void requireServed() {
    Database.requireFile(paths.database(), false);
    requireTrusted();
    if (mount.isNetwork()) {
      refuseWalOnNetwork();
    }
    tellIfUnfit();
  }

  @Override
  public void recover() {
    try (ExclusiveLock lock = acquire(new ArrayList<>());
        Drained drained = openDrained(Database.Mode.WRITE, settings.busyTimeout(lock.waited()))) {
      if (drained.recovered()) {
        settings.listener().recovered(paths.database());
      }
    }
  }

  @Override
  public void drain() {
    openDrained(Database.Mode.WRITE, patience()).close();
  }

  /**
   * The marker of the other mode of access (protocol section 1): mixing both would corrupt the
   * file.
   */
  void requireTrusted() {
    if (Files.isDirectory(paths.readers())) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.database()
              + " is marked for network-exclusive access, which this version does not serve",
          "use a version that does, or stop all its users and remove " + paths.readers());
    }
  }

  /**
   * A connection whose predecessor is known to have finished.
   *
   * @param recovered a crashed writer's journal was rolled back by this opening
   * @param pending what became of a crashed writer's changeset, if there was one
   */
  record Drained(Database database, boolean recovered, PendingChangeset.@Nullable Outcome pending)
      implements AutoCloseable {
    @Override
    public void close() {
      database.close();
    }
  }

  /**
   * Opens and DRAINs (protocol section 9, T2): BEGIN IMMEDIATE waits out a predecessor whose lock
   * was broken while it was inside its commit, and recovers the journal of one that died there.
   * Nothing read before this may be relied on.
   */
  Drained openDrained(Database.Mode mode, Duration busy) {
    return openDrained(mode, busy, "");
  }

  /**
   * As above.
   *
   * @param first SQL to run before the first transaction, for what SQLite accepts only then
   */
  Drained openDrained(Database.Mode mode, Duration busy, String first) {
    if (mount.isNetwork() && Files.exists(paths.database())) {
      refuseWalOnNetwork();
    }
    return drained(mode, busy, first);
  }

  /**
   * Opens a database in WAL mode where its log may not be shared, to end that: in exclusive locking
   * mode SQLite keeps the log's index in its own memory (sqlite.org/wal.html, "use of WAL without
   * shared-memory").
   */
  Drained openAlone(Duration busy) {
    return drained(Database.Mode.WRITE, busy, "PRAGMA locking_mode=EXCLUSIVE;");
  }

  private Drained drained(Database.Mode mode, Duration busy, String first) {
    boolean hot = hasHotJournal();
    Database database = Database.open(paths.database(), mode, busy, settings.cancellation(), first);
    try {
      database.execute("BEGIN IMMEDIATE");
      PendingChangeset.Outcome pending =
          changesetPending() ? PendingChangeset.resolve(paths.changesetPending(), database) : null;
      // Not COMMIT: on an empty file that would write a first page.
      database.execute("ROLLBACK");
      tell(pending);
      return new Drained(database, hot && !Files.exists(paths.journal()), pending);
    } catch (SQLException e) {
      database.close();
      throw SqlErrors.translate(e, paths.database(), "");
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /**
   * NFS may answer a plain look-up from its cache; opening asks the server, the more so after the
   * lock's own renames in this directory.
   */
  private boolean changesetPending() {
    if (!mount.isNetwork()) {
      return Files.exists(paths.changesetPending());
    }
    try {
      Files.newByteChannel(paths.changesetPending()).close();
      return true;
    } catch (IOException none) {
      return false;
    }
  }

  private void tell(PendingChangeset.@Nullable Outcome pending) {
    if (pending == null) {
      return;
    }
    if (pending.needsAttention()) {
      settings.listener().warning(pending.message());
    } else {
      settings.listener().tidied(pending.message());
    }
  }

  /** For who writes: refuses a file system that would lose data, and tells of a doubtful one. */
  void requireFit() {
    if (mount.isQuestionable()) {
      FileSystemPolicy.require(mount, Use.TRUSTED_ROLLBACK, paths.database(), settings.listener());
    }
  }

  /** For who only reads: a wrong answer can be asked for again, and data can be got out. */
  void tellIfUnfit() {
    if (mount.isQuestionable()) {
      FileSystemPolicy.tell(mount, Use.TRUSTED_ROLLBACK, settings.listener());
    }
  }

  void refuseWalOnNetwork() {
    if (!Database.isWal(paths.database())) {
      return;
    }
    throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            paths.database()
                + " has a write-ahead log and lies on a network file system ("
                + mount.type()
                + "): writers on two hosts would lose commits or damage it",
            "stop all its users, then: sqlite-safe journal-mode " + paths.database() + " delete",
            null)
        .with("fileSystem", mount.type());
  }

  /** A journal with content that no living process of this host holds a lock for. */
  private boolean hasHotJournal() {
    Path journal = paths.journal();
    try {
      return Files.exists(journal)
          && Files.size(journal) > 0
          && FileUse.sqliteLocks(paths.database()).isEmpty();
    } catch (IOException gone) {
      return false;
    }
  }

  /** Passes everything on, and keeps the warnings for the result. */
  private record Collecting(LockListener next, List<String> warnings)
      implements ForwardingLockListener {
    @Override
    public void warning(String message) {
      warnings.add(message);
      next.warning(message);
    }
  }
}
