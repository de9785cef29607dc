package io.sqlitesafe;

import io.sqlitesafe.changeset.capture.PendingChangeset;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.db.WriteTransaction;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.ShellWord;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.FileKind;
import io.sqlitesafe.fs.FileUse;
import io.sqlitesafe.fs.Mount;
import io.sqlitesafe.fs.OtherNames;
import io.sqlitesafe.fs.Use;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockManager;
import io.sqlitesafe.lock.LockPaths;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.ReadLock;
import io.sqlitesafe.snapshot.copy.Source;
import io.sqlitesafe.snapshot.file.QuietRead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
  private volatile @Nullable AccessMode mode;

  LockedAccess(LockPaths paths, Settings settings) {
    this.paths = paths;
    this.mount = Mount.ofResolved(paths.database()).assumed(settings.assumed());
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
    return enter(use(), patience, warnings);
  }

  @Override
  public ExclusiveLock admitToCopy(@Nullable Duration patience, List<String> warnings) {
    return take(use(), patience, warnings);
  }

  /**
   * Takes the lock for what the operator does while all users are stopped, to change to another
   * mode of access or away from a write-ahead log: the file system must be fit for {@code wanted}.
   */
  ExclusiveLock acquireFor(AccessMode wanted, List<String> warnings) {
    return enter(use(wanted), settings.patience(), warnings);
  }

  private ExclusiveLock enter(Use use, @Nullable Duration patience, List<String> warnings) {
    paths.requireNoJournalName();
    paths.requireRoomForSuffixes(
        use == Use.TRUSTED_ROLLBACK ? AccessMode.TRUSTED : AccessMode.NETWORK_EXCLUSIVE);
    requireOneName(OtherNames.of(paths.database(), mount), false);
    ExclusiveLock lock = take(use, patience, warnings);
    try {
      requireOneName(OtherNames.of(paths.database()), true); // one may be new
      return lock;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private void requireOneName(OtherNames names, boolean owned) {
    if (names.any() && !settings.allowLinks()) {
      NamePolicy.require(paths, names, owned, settings.listener());
    }
  }

  @Override
  public @Nullable String doubt() {
    OtherNames names = OtherNames.of(paths.database(), mount);
    return names.any() && !settings.allowLinks() ? NamePolicy.doubt(paths, names) : null;
  }

  /** For who only reads: other names of the file are told of. */
  void tellDoubt() {
    String doubt = doubt();
    if (doubt != null) {
      settings.listener().advice(mount, doubt);
    }
  }

  private ExclusiveLock take(Use use, @Nullable Duration patience, List<String> warnings) {
    requireAgreement();
    if (settings.parent().isPresent()) {
      return manager.inherit(settings.parent().get());
    }
    requireFit(use);
    LockRequest request = settings.lockRequest().withWait(patience);
    LockRequest collecting = request.withListener(new Collecting(request.listener(), warnings));
    WriteStream stream = settings.stream();
    return stream == null
        ? manager.acquire(collecting)
        : stream.relay().acquire(manager, collecting);
  }

  /** Refuses where the caller asked for another mode of access than the database is marked with. */
  void requireAgreement() {
    if (settings.access() != null && settings.access() != mode()) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.database()
              + " is marked for "
              + mode().id()
              + " access, not for "
              + settings.access().id(),
          "leave --access out; or stop all its users, then: sqlite-safe access "
              + ShellWord.of(paths.database())
              + " "
              + settings.access().id(),
          null);
    }
  }

  /** What the database is marked with, as seen once by this operation. */
  AccessMode mode() {
    AccessMode seen = mode;
    if (seen == null) {
      seen = manager.access();
      mode = seen;
    }
    return seen;
  }

  @Override
  public boolean isNetworkExclusive() {
    return mode() == AccessMode.NETWORK_EXCLUSIVE;
  }

  /** What is read under a shared lock. */
  interface Reading<T extends @Nullable Object, X extends Exception> {
    T run() throws X;
  }

  /**
   * In network-exclusive access: reads under a shared lock, and nothing that was read gets out
   * unless it was held all the time.
   */
  <T extends @Nullable Object, X extends Exception> T readShared(Reading<T, X> reading) throws X {
    try (ReadLock lock = share()) {
      T value;
      try {
        value = reading.run();
      } catch (SqliteSafeException e) {
        lock.validate(); // the error may be of what was half written
        throw e;
      }
      lock.validate();
      return value;
    }
  }

  @Override
  public ReadLock share() {
    return settings.parent().isPresent()
        ? ReadLock.within(manager.inherit(settings.parent().get()))
        : manager.share(settings.lockRequest());
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
    requireReadable();
  }

  /** Refuses a mode of access that is not meant, and a write-ahead log where it does not work. */
  void requireReadable() {
    requireAgreement();
    if (isNetworkExclusive()) {
      refuseWal();
    } else if (mount.isNetwork()) {
      refuseWalOnNetwork();
    }
    tellIfUnfit();
  }

  @Override
  public void recover() {
    try (ExclusiveLock lock = acquire(new ArrayList<>());
        Drained drained = openToLook(lock, settings.busyTimeout(lock.waited()))) {
      if (drained.recovered()) {
        settings.listener().recovered(paths.database());
      }
    }
  }

  @Override
  public void drain(ExclusiveLock lock) {
    openToLook(lock, patience()).close();
  }

  /**
   * A connection whose predecessor is known to have finished.
   *
   * @param recovered a crashed writer's journal was rolled back by this opening
   * @param pending what became of a crashed writer's changeset, if there was one
   * @param network how a transaction is committed in network-exclusive access; null = as always
   */
  record Drained(
      Database database,
      boolean recovered,
      PendingChangeset.@Nullable Outcome pending,
      @Nullable NetworkWork network)
      implements AutoCloseable {
    /**
     * Commits.
     *
     * @return a warning where it is committed but not certainly durable, else null
     */
    @Nullable String commit(WriteTransaction transaction, ExclusiveLock lock) {
      return network == null ? transaction.commit(lock::confirm) : network.commit(transaction);
    }

    @Override
    public void close() {
      if (network == null) {
        database.close();
      } else {
        network.close();
      }
    }
  }

  /**
   * Opens and DRAINs (protocol section 9, T2): BEGIN IMMEDIATE waits out a predecessor whose lock
   * was broken while it was inside its commit, and recovers the journal of one that died there.
   * Nothing read before this may be relied on.
   */
  Drained openDrained(ExclusiveLock lock, Database.Mode mode, Duration busy) {
    return openDrained(lock, mode, busy, "");
  }

  /**
   * As above.
   *
   * @param before SQL to run before the first transaction, for what SQLite accepts only then
   */
  Drained openDrained(ExclusiveLock lock, Database.Mode mode, Duration busy, String before) {
    String first = before + settings.loading();
    if (lock.access() == AccessMode.NETWORK_EXCLUSIVE) {
      return new NetworkExclusive(this, lock).openToWrite(mode == Database.Mode.CREATE, first);
    }
    if (mount.isNetwork() && Files.exists(paths.database())) {
      refuseWalOnNetwork();
    }
    return drained(mode, busy, first);
  }

  /** Opens and DRAINs for what does not write. */
  Drained openToLook(ExclusiveLock lock, Duration busy) {
    return lock.access() == AccessMode.NETWORK_EXCLUSIVE
        ? new NetworkExclusive(this, lock).openToRead()
        : openDrained(lock, Database.Mode.WRITE, busy);
  }

  /**
   * Opens a database in WAL mode where its log may not be shared, to end that: in exclusive locking
   * mode SQLite keeps the log's index in its own memory (sqlite.org/wal.html, "use of WAL without
   * shared-memory").
   */
  Drained openAlone(Duration busy) {
    return drained(Database.Mode.WRITE, busy, "PRAGMA locking_mode=EXCLUSIVE;");
  }

  /** What is written to a journal or log of two names is written to two databases' files. */
  private void requireOwn(Path journal) {
    int links = Files.exists(journal) ? OtherNames.links(journal) : 1;
    if (links > 1 && !settings.allowLinks()) {
      throw NamePolicy.refused(journal, new OtherNames(links, false));
    }
  }

  private Drained drained(Database.Mode mode, Duration busy, String first) {
    requireOwn(paths.journal());
    requireOwn(paths.wal());
    boolean hot = hasHotJournal();
    Database database = Database.open(paths.database(), mode, busy, settings.cancellation(), first);
    try {
      database.execute("BEGIN IMMEDIATE");
      PendingChangeset.Outcome pending =
          changesetPending() ? resolve(paths.changesetPending(), database) : null;
      // Not COMMIT: on an empty file that would write a first page.
      database.execute("ROLLBACK");
      tell(pending);
      return new Drained(database, hot && !Files.exists(paths.journal()), pending, null);
    } catch (SQLException e) {
      database.close();
      throw SqlErrors.translate(e, paths.database(), "");
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** The lock's directory tells whose our files are on this file system. */
  PendingChangeset.@Nullable Outcome resolve(Path record, Database database) {
    return PendingChangeset.resolve(
        record, database, new PendingChangeset.Settling(paths.lock(), settings.resolvePending()));
  }

  /**
   * NFS may answer a plain look-up from its cache; opening asks the server, the more so after the
   * lock's own renames in this directory. What is there is not opened: it may be a pipe.
   */
  private boolean changesetPending() {
    if (Files.exists(paths.changesetPending(), LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (!mount.isNetwork()) {
      return false;
    }
    if (FileKind.isStrange(paths.changesetPending())) {
      return true; // whoever reads it says so; to open it could wait for ever
    }
    try {
      Files.newByteChannel(paths.changesetPending()).close();
      return true;
    } catch (IOException none) {
      return false;
    }
  }

  void tell(PendingChangeset.@Nullable Outcome pending) {
    if (pending == null) {
      return;
    }
    if (pending.needsAttention() || pending.isInTheWay()) {
      settings.listener().warning(pending.message());
    } else {
      settings.listener().tidied(pending.message());
    }
  }

  private Use use() {
    return use(mode());
  }

  private Use use(AccessMode of) {
    return of == AccessMode.TRUSTED
        ? Use.TRUSTED_ROLLBACK
        : settings.inPlace() ? Use.IN_PLACE : Use.PUBLISH;
  }

  /** For who writes: refuses a file system that would lose data, and tells of a doubtful one. */
  private void requireFit(Use use) {
    if (mount.isQuestionable()) {
      FileSystemPolicy.require(mount, use, paths.database(), settings.listener());
    }
  }

  /** For who only reads: a wrong answer can be asked for again, and data can be got out. */
  void tellIfUnfit() {
    if (mount.isQuestionable()) {
      FileSystemPolicy.tell(mount, use(), settings.listener());
    }
  }

  /** Says which state is read where it is not the one that everybody sees. */
  void tellState(QuietRead way) {
    tell(way.note("read"));
  }

  @Override
  public void tell(@Nullable String note) {
    if (note != null) {
      settings.listener().tidied(note);
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
            "stop all its users, then: sqlite-safe journal-mode "
                + ShellWord.of(paths.database())
                + " delete",
            null)
        .with("fileSystem", mount.type());
  }

  /** In network-exclusive access the log's index could be shared with nobody. */
  void refuseWal() {
    if (Database.isWal(paths.database())) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.database()
              + " has a write-ahead log, which does not work in network-exclusive access",
          "stop all its users, then: sqlite-safe journal-mode "
              + ShellWord.of(paths.database())
              + " delete");
    }
  }

  /** Where a transaction under {@code lock} notes that its changeset is about to be published. */
  Path changesetRecord(ExclusiveLock lock) {
    return lock.access() == AccessMode.NETWORK_EXCLUSIVE
        ? paths.changesetPending(lock.token())
        : paths.changesetPending();
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
  record Collecting(LockListener next, List<String> warnings) implements ForwardingLockListener {
    @Override
    public void warning(String message) {
      warnings.add(message);
      next.warning(message);
    }
  }
}
