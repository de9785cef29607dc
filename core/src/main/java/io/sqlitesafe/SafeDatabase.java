package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.RecoveredCheck;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Drained;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.internal.owner.SnapshotSource;
import io.sqlitesafe.internal.owner.Turns;
import io.sqlitesafe.internal.recover.Recover;
import io.sqlitesafe.internal.snapshot.Backup;
import io.sqlitesafe.internal.snapshot.Restore;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.recover.RecoverResult;
import io.sqlitesafe.snapshot.BackupMethod;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The front door: one SQLite database, written by one process at a time.
 *
 * <pre>{@code
 * SafeDatabase db = SafeDatabase.of(Path.of("app.db"));
 * db.write(tx -> tx.update("UPDATE stock SET n = n - 1 WHERE id = ?", 7));
 * long n = db.read(tx -> tx.integer("SELECT n FROM stock WHERE id = ?", 7));
 * }</pre>
 *
 * <p>Holds no connection and no lock between calls, so it needs no closing; what is opened on
 * purpose does ({@link #stream()}, {@link #session}). Thread-safe: threads that share one object
 * write in the order in which they came; those that do not, and streams and sessions, exclude each
 * other through the lock directory, as processes do. Work is run on the caller's thread.
 *
 * <p>Every method throws {@link SqliteSafeException}, of these kinds unless it names others:
 *
 * <ul>
 *   <li>{@link ErrorKind#NO_DATABASE}: there is no such file, or it is none of SQLite's;
 *   <li>{@link ErrorKind#LOCK_BUSY}: others had the lock, or SQLite's own, for longer than the
 *       patience;
 *   <li>{@link ErrorKind#LOCK_LOST}: this process was stopped so long that its lock was broken;
 *   <li>{@link ErrorKind#UNSAFE}: the file system, other names of the file, or its mode of access
 *       forbid it;
 *   <li>{@link ErrorKind#DAMAGED}: what is stored contradicts itself;
 *   <li>{@link ErrorKind#INTERRUPTED}, or another kind that a {@link
 *       io.sqlitesafe.error.Cancellation} was given: it was stopped;
 *   <li>{@link ErrorKind#USAGE}: SQL that may not be run here, or a unit of work that would wait
 *       for itself;
 *   <li>{@link ErrorKind#FAILED}: anything else that SQLite or the file system refuses.
 * </ul>
 *
 * <p>After any of them nothing has happened to the database.
 */
public final class SafeDatabase implements WriteDoor {
  private final Path name;
  private final Settings settings;

  private final Turns turns = new Turns();

  private SafeDatabase(Path name, Settings settings) {
    this.name = name;
    this.settings = settings;
  }

  /** With {@link Settings#defaults}. Touches nothing yet. */
  public static SafeDatabase of(Path database) {
    return of(database, Settings.defaults());
  }

  public static SafeDatabase of(Path database, Settings settings) {
    return new SafeDatabase(database, settings);
  }

  /**
   * Runs {@code work} in one transaction under the exclusive lock: everything of it is durable when
   * this returns, or nothing of it has happened.
   *
   * @throws SqliteSafeException {@link ErrorKind#PRECONDITION} where {@code work} requires
   *     something that does not hold; {@link ErrorKind#UNCERTAIN} where it cannot be told whether
   *     it was committed
   */
  @Override
  public <T extends @Nullable Object> Written<T> write(WriteOptions options, Work<T> work) {
    WriteOperation operation = new WriteOperation(name, settings, options);
    turns.take(operation.site());
    try {
      return operation.run(work);
    } finally {
      turns.give();
    }
  }

  /**
   * Computes without the lock, writes with it: {@code compute} reads a baseline and returns the
   * work to do, which runs in a short transaction once everything that the baseline declared still
   * holds there. After a conflict both are run again, as the policy allows.
   *
   * @throws SqliteSafeException {@link ErrorKind#PRECONDITION} after the last conflict
   */
  public <T extends @Nullable Object> Written<T> optimisticWrite(
      Function<Baseline, Work<T>> compute, RetryPolicy policy) {
    for (int attempt = 1; ; attempt++) {
      try {
        return optimisticAttempt(compute);
      } catch (SqliteSafeException e) {
        boolean conflict = e.kind() == ErrorKind.PRECONDITION || e.kind() == ErrorKind.LOCK_BUSY;
        if (!conflict || attempt >= policy.attempts()) {
          throw e;
        }
        settings.cancellation().sleep(policy.pauseAfter(attempt));
      }
    }
  }

  private <T extends @Nullable Object> Written<T> optimisticAttempt(
      Function<Baseline, Work<T>> compute) {
    List<Baseline> read = new ArrayList<>(1);
    Work<T> work =
        // No snapshot: its SHARED lock would stop writers for as long as the computation takes.
        // What the result depends on is checked again anyway.
        new ReadOperation<>(
                site(),
                false,
                view -> {
                  Baseline baseline = new Baseline(view.handle());
                  read.add(baseline);
                  return compute.apply(baseline);
                })
            .run();
    return write(
        session -> {
          read.get(read.size() - 1).preconditions().forEach(p -> p.require(session));
          return work.run(session);
        });
  }

  /**
   * Reads from one consistent snapshot, without the exclusive lock and without writing anything. A
   * crashed writer's journal, which a reader may not touch, is first recovered under the lock; then
   * {@code work} may run a second time.
   */
  public <T extends @Nullable Object> T read(Work<T> work) {
    return readView(view -> work.run(view.handle()));
  }

  /**
   * As {@link #read}, for who has to know whether what is read counts yet. It does at once where
   * SQLite's locks keep it together. It does not in network-exclusive access, nor where a database
   * with an idle write-ahead log is read by a user who may not make one beside it: then the file is
   * compared at the end, and {@code work} runs again if somebody has opened it meanwhile.
   */
  public <T extends @Nullable Object> T readView(ReadWork<T> work) {
    return new ReadOperation<>(site(), true, work).run();
  }

  /**
   * Holds the lock around {@code work}, which is given its handle; for programs that write by other
   * means.
   */
  public <T extends @Nullable Object> T withLock(Function<ExclusiveLock, T> work) {
    Site site = site();
    Database.requireFile(site.file(), false);
    turns.take(site);
    try (ExclusiveLock lock = new Admission(site).lock()) {
      // Drained and closed again: the work's own connections must be the only ones.
      Drained.toLook(site, lock).close();
      return work.apply(lock);
    } finally {
      turns.give();
    }
  }

  /** What the database is marked with: who may read and write it in which way. */
  public AccessMode accessMode() {
    return site().mode();
  }

  /**
   * Changes what the database is marked with. All its users, on all hosts, must be stopped: that
   * nobody is in can be seen on this host only.
   *
   * @return whether it was marked for another mode before
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE} where somebody has it open
   */
  public boolean changeAccess(AccessMode mode) {
    Site site = site();
    return inTurn(site, () -> new AccessChange(site).run(mode));
  }

  /**
   * Why what is read may not be what was last committed: the file has other names (hard links, a
   * mount of the file alone), whose journals are not seen by this one. Null = no reason.
   */
  public @Nullable String doubt() {
    return new Admission(site()).doubt();
  }

  /** Changes the journal mode under the lock, or tells it where {@code mode} is null. */
  public String journalMode(@Nullable String mode) {
    return new JournalMode(site(), turns).run(mode);
  }

  /** Checkpoints a write-ahead log under the lock. */
  public JournalMode.Checkpoint checkpoint(JournalMode.CheckpointMode mode) {
    return new JournalMode(site(), turns).checkpoint(mode);
  }

  /**
   * Makes a consistent, verified copy while others go on writing, published in one step: a failure
   * leaves an earlier backup as it was.
   */
  public BackupResult backup(BackupRequest request, SnapshotListener listener) {
    return Backup.run(source(site()), request, listener);
  }

  /**
   * Writes a consistent, verified copy to {@code out}, without a manifest.
   *
   * @param scratch a directory with room for the copy
   */
  public BackupResult backup(
      BackupRequest request, SnapshotListener listener, Path scratch, OutputStream out) {
    return Backup.stream(source(site()), request, listener, scratch, out);
  }

  /** As {@link #backup} by {@code VACUUM INTO}: compact. */
  public BackupResult vacuumInto(BackupRequest request, SnapshotListener listener) {
    return Backup.run(source(site()), request.withMethod(BackupMethod.VACUUM), listener);
  }

  /** As {@link #backup}, of the bytes of the file as they are, under the exclusive lock. */
  public BackupResult copyUnderLock(BackupRequest request, SnapshotListener listener) {
    Site site = site();
    return inTurn(site, () -> Backup.underLock(source(site), request, listener));
  }

  /** Puts a backup in place of this database, which is moved aside. */
  public RestoreResult restore(RestoreRequest request, SnapshotListener listener) {
    Site site = site();
    return inTurn(site, () -> Restore.run(source(site), request, listener));
  }

  /**
   * Tries a restore in a directory of its own and removes it.
   *
   * @param scratch a directory with room for the database
   */
  public static RestoreResult restoreDrill(
      RestoreRequest request, Path scratch, Settings settings, SnapshotListener listener) {
    try (Scratch directory = Restore.scratch(request, scratch)) {
      return Restore.drill(
          source(site(directory.directory().resolve("drill.db"), settings)), request, listener);
    }
  }

  /**
   * Gets out of this database, which may be damaged, what is in it, into a new file.
   *
   * @param destination the new file
   */
  public RecoverResult recover(
      Path destination, RecoverRequest request, SnapshotListener listener) {
    Site site = site();
    return inTurn(
        site,
        () -> Recover.run(source(site), destination, request, new RecoveredCheck(), listener));
  }

  /** Everything that can be seen of the lock from outside; changes nothing, waits for nobody. */
  public InspectResult inspectLock() {
    return InspectResult.of(site());
  }

  /**
   * Breaks a stale lock by the protocol's judgement, waiting the quiet time that it needs; or, with
   * a token, exactly that lock without judgement. Afterwards the database is recovered and
   * quick-checked.
   */
  public BreakResult breakStaleLock(@Nullable LockToken forced, boolean dryRun) {
    return BreakResult.of(site(), forced, dryRun);
  }

  /**
   * Removes another program's lock, on a person's word that nobody uses it. Afterwards the database
   * is recovered and quick-checked.
   *
   * @param force against signs of use on this host, and for a lock file
   */
  public BreakResult breakForeignLock(boolean force, boolean dryRun) {
    return BreakResult.ofForeign(site(), force, dryRun);
  }

  /** What this build, its SQLite and this platform can do. */
  public static Capabilities capabilities() {
    return Capabilities.ofThisBuild();
  }

  /**
   * Loads the driver, its native library and this process's identity on a thread of its own. Not
   * needed; a process that lives for one short operation ends sooner if it says so first.
   */
  public static void preload() {
    Thread thread =
        new Thread(
            () -> {
              Database.preload();
              ProcessTable.ofThisHost();
            },
            "sqlite-safe-preload");
    thread.setDaemon(true);
    // What cannot be loaded now fails again where it is needed, and is told there.
    thread.setUncaughtExceptionHandler((which, toldLater) -> {});
    thread.start();
  }

  /**
   * Opens a conversation, as a shell has it. It excludes other threads as it does other processes.
   *
   * @param readOnly whatever would write is refused
   */
  public SafeSession session(boolean readOnly) {
    return new SafeSession(name, settings, readOnly);
  }

  /**
   * Opens a stream of writes, which keeps the lock and the connection from one to the next while
   * nobody else wants them.
   */
  public WriteStream stream() {
    return stream(() -> false, settings.listener());
  }

  /**
   * As above, for a caller who knows more.
   *
   * @param queued whether this thread is about to write again, without waiting for anything before
   * @param idle told what the release of an idle lock has to say, when no write is there to be told
   */
  public WriteStream stream(BooleanSupplier queued, LockListener idle) {
    return new WriteStream(name, settings, turns, queued, idle);
  }

  private Site site() {
    return site(name, settings);
  }

  static Site site(Path name, Settings settings) {
    return Site.of(name, settings.lock(), settings.file(), settings.parent());
  }

  private static SnapshotSource source(Site site) {
    return new SnapshotSource(site, "sqlite-safe " + Capabilities.ownVersion());
  }

  private interface Task<T extends @Nullable Object> {
    T run();
  }

  private <T extends @Nullable Object> T inTurn(Site site, Task<T> task) {
    turns.take(site);
    try {
      return task.run();
    } finally {
      turns.give();
    }
  }
}
