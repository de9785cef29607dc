package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OtherNames;
import io.sqlitesafe.internal.lock.StaleJudge.Verdict;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one database, seen from outside: acquire, inspect, break. Holds no open file and no
 * state of the lock, so it may be kept and shared between threads; threads of one process exclude
 * each other as processes do, because every attempt has a token of its own.
 */
public final class LockManager {
  /** Longer than it takes to get a lock that nobody has. */
  private static final long AT_ONCE_MS = 20;

  private static final String REMOVE_BY_HAND =
      "find out which program made it, and remove it by hand once nobody uses the database";

  private final LockPaths paths;
  private final Mount mount;
  private final LockDirectory directory;
  private final ProcessTable processes;
  private final boolean network;
  private final boolean renameReplaces;
  private final Clock clock;

  private LockManager(
      LockPaths paths,
      Mount mount,
      LockDirectory directory,
      ProcessTable processes,
      boolean network,
      boolean renameReplaces,
      Clock clock) {
    this.paths = paths;
    this.mount = mount;
    this.directory = directory;
    this.processes = processes;
    this.network = network;
    this.renameReplaces = renameReplaces;
    this.clock = clock;
  }

  /** The lock of the database at {@code paths}, whose directory must exist. */
  public static LockManager of(LockPaths paths) {
    return of(paths, Mount.ofResolved(paths.database()));
  }

  /** As {@link #of(LockPaths)}, where the mount is known already. */
  public static LockManager of(LockPaths paths, Mount mount) {
    return new LockManager(
        paths,
        mount,
        new LockDirectory(paths, step -> {}, mount.isUncached(), mount.isNetwork()),
        ProcessTable.ofThisHost(),
        mount.isNetwork(),
        !System.getProperty("os.name", "").startsWith("Windows"),
        Clock.SYSTEM);
  }

  /** For tests: each step announced; the hosts' facts, the clock and the kind of rename chosen. */
  public static LockManager forTest(
      LockPaths paths,
      Step.Listener listener,
      ProcessTable processes,
      boolean renameReplaces,
      Clock clock) {
    return new LockManager(
        paths,
        Mount.ofResolved(paths.database()),
        new LockDirectory(paths, listener),
        processes,
        false,
        renameReplaces,
        clock);
  }

  public LockPaths paths() {
    return paths;
  }

  /**
   * Acquires (protocol section 5), waiting as the request says. The owner must then DRAIN before it
   * relies on anything it reads (section 9).
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} naming the holder, {@link
   *     ErrorKind#UNSAFE} where the lock's place is taken by something of another make, or the file
   *     has other names, {@link ErrorKind#FAILED} on I/O trouble
   */
  public DatabaseLock acquire(LockRequest request) {
    return acquire(request, false);
  }

  /**
   * As {@link #acquire(LockRequest)}.
   *
   * @param keeps the owner is going to keep the lock between its transactions, and gives it to
   *     whoever waits ({@link #isAwaited}); its record says so
   */
  public DatabaseLock acquire(LockRequest request, boolean keeps) {
    OtherNames names = OtherNames.of(paths.database(), mount);
    requireOneName(request, names, false);
    DatabaseLock lock = enter(glance(), request, keeps, names);
    if (lock == null) { // what was seen at a glance was old
      lock = enter(access(), request, keeps, names);
    }
    if (lock == null) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          "the mode of access of " + paths.database() + " was changed just now",
          "nothing was changed; run it again once whoever changes it is done");
    }
    return lock;
  }

  /** Null where the database is marked for another mode of access than {@code access}. */
  private @Nullable DatabaseLock enter(
      AccessMode access, LockRequest request, boolean keeps, OtherNames names) {
    DatabaseLock lock = own(access, request, keeps);
    try {
      boolean waited = lock.waited().toMillis() >= AT_ONCE_MS;
      requireOneName(request, names.again(paths.database(), waited), true); // one may be new
      if (glance() != access) { // A2 and A3 are a barrier
        lock.close();
        return null;
      }
      if (access == AccessMode.NETWORK_EXCLUSIVE) {
        new ReaderWait(readers(), processes, network, clock, request).awaitReaders(lock.waited());
        new Leftovers(directory, processes).sweepImages(lock.token());
      }
      return lock;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Refuses a file that has other names, which have locks and journals of their own. {@link
   * #acquire} does it by itself; this is for who goes on under a lock that he has.
   *
   * @param owned whether the lock is held
   * @throws SqliteSafeException {@link ErrorKind#UNSAFE}
   */
  public void requireOneName(LockRequest request, boolean owned) {
    requireOneName(request, OtherNames.of(paths.database()), owned);
  }

  /**
   * As {@link #requireOneName}, for who goes on under a lock that he has had for a while.
   *
   * @param before what was seen then
   * @param old that is so long ago that the file may have been mounted onto itself
   * @return what is seen now
   */
  public OtherNames requireStillOneName(LockRequest request, OtherNames before, boolean old) {
    OtherNames now = before.again(paths.database(), old);
    requireOneName(request, now, true);
    return now;
  }

  private void requireOneName(LockRequest request, OtherNames names, boolean owned) {
    if (names.any() && !request.anyNames()) {
      NamePolicy.require(paths, names, owned, request.listener());
    }
  }

  /** A1 to A4. */
  private DatabaseLock own(AccessMode access, LockRequest request, boolean keeps) {
    return new Acquisition(
            directory, processes, network, renameReplaces, clock, access, request, keeps)
        .run();
  }

  private void takeOver(LockRequest request) {
    own(access(), request, false).close();
  }

  /**
   * Marks the database for network-exclusive access: who may read it may make a reader's marker.
   * The caller owns the lock, and knows that all users are stopped.
   */
  public void markNetworkExclusive() throws IOException {
    PreparedLock.makeReaders(paths);
  }

  /** What the database is marked with at this moment. */
  public AccessMode access() {
    return access(true);
  }

  /**
   * As {@link #access}, but on a network file system perhaps as it was half a minute ago. For who
   * is going to take the exclusive lock, whose {@link DatabaseLock#access} tells for certain.
   */
  public AccessMode glance() {
    return access(false);
  }

  private AccessMode access(boolean barrier) {
    try {
      return directory.isNetworkExclusive(network, barrier)
          ? AccessMode.NETWORK_EXCLUSIVE
          : AccessMode.TRUSTED;
    } catch (NotDirectoryException e) {
      throw new SqliteSafeException(
          ErrorKind.UNSAFE,
          paths.readers() + " is there, but is no directory, so that it marks no mode of access",
          "nothing was touched; " + REMOVE_BY_HAND,
          e);
    }
  }

  /**
   * Takes a shared lock of network-exclusive access (protocol section 10.1), waiting for a writer
   * as the request says. While one is held, no writer gets in.
   *
   * @throws SqliteSafeException as {@link #acquire}; {@link ErrorKind#UNSAFE} also where the
   *     database is not marked
   */
  public HeldReaderLock lockToRead(LockRequest request) {
    return new ReaderAcquisition(
            directory, readers(), processes, network, clock, request, this::takeOver)
        .run();
  }

  private ReaderDirectory readers() {
    return new ReaderDirectory(paths, directory.listener(), network);
  }

  /**
   * A share in the lock that a parent process holds.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST} where it does not hold it any more
   */
  public InheritedLock inherit(LockToken token) {
    if (!isHeld(token)) {
      throw InheritedLock.lost(paths, token);
    }
    return new InheritedLock(this, token, access(false));
  }

  /**
   * Courtesy of a process that has just released: if others wait, pauses until one of them has
   * taken the lock, or for as long as the slowest of them takes to notice.
   */
  public void yieldToWaiters() {
    if (!isAwaited()) {
      return;
    }
    long end = clock.nanoTime() + Polling.longestPoll(network).toNanos();
    Duration step = network ? Polling.NETWORK_POLL : Duration.ofMillis(1);
    do {
      clock.sleep(step, new Cancellation());
    } while (directory.presence() == null && clock.nanoTime() < end);
  }

  /** Whether other hosts may be waiting, who notice a release later. */
  boolean isOnNetwork() {
    return network;
  }

  /** Whether others show that they wait. Where none has for a while, one look tells. */
  public boolean isAwaited() {
    return new WaiterDirectory(paths, processes).isAny();
  }

  /** Who shows that he waits for the lock, the longest first. There is no queue. */
  public List<Holder> waiters() {
    return new WaiterDirectory(paths, processes)
        .living().stream()
            .map(waiter -> new Holder(waiter.token(), waiter.record(), null))
            .toList();
  }

  /** Whether the claim of {@code token} is there. */
  public boolean isHeld(LockToken token) {
    try {
      return directory.check(token);
    } catch (IOException e) {
      throw failed("cannot look at the lock of " + paths.database(), e);
    }
  }

  /** One look, with its judgement; changes nothing. */
  public Inspection inspect(LockTimes times) {
    try {
      LockObserver.Sight sight =
          new LockObserver(directory, processes, access(), times, clock).look();
      return new Inspection(
          sight.verdict(),
          sight.seen().life(),
          Optional.ofNullable(sight.holder()),
          sight.value() instanceof LockDirectory.Presence there ? there.modified() : null);
    } catch (IOException e) {
      throw failed("cannot look at the lock of " + paths.database(), e);
    }
  }

  /**
   * What one look shows.
   *
   * @param verdict the judgement without any quiet time
   * @param life what is known of the holder's process
   * @param holder the holder, if the lock is held
   * @param since by the file system's clock, when what is there without a claim was last changed;
   *     null where there is nothing, or a holder
   */
  public record Inspection(
      Verdict verdict, Life life, Optional<Holder> holder, @Nullable FileTime since) {}

  /**
   * What is at the lock's place and not ours.
   *
   * @param path of it
   * @param text what it is
   * @param advice what a person can do about it
   */
  public record Obstruction(Path path, String text, String advice) {}

  /** A look that makes no file, not even for a moment; null where nothing is in the way. */
  public @Nullable Obstruction obstruction() {
    try {
      LockState state = directory.classify();
      if (state instanceof LockState.Other other) {
        return new Obstruction(paths.lock(), other.kind().text(), advice(other.kind()));
      }
      if (state instanceof LockState.Foreign foreign) {
        return new Obstruction(
            paths.lock(), "no lock of ours: " + Holder.printable(foreign.reason()), REMOVE_BY_HAND);
      }
      directory.isNetworkExclusive(network, false);
      return null;
    } catch (NotDirectoryException e) {
      return new Obstruction(
          paths.readers(), "no directory, so that it marks nothing", REMOVE_BY_HAND);
    } catch (IOException e) {
      throw failed("cannot look at the lock of " + paths.database(), e);
    }
  }

  /** What a person can do about another program's lock. */
  public String advice(OtherLock kind) {
    return Busy.hint(paths, kind);
  }

  /** One look at the readers that are in; none where the database is not marked for them. */
  public List<Reader> inspectReaders(LockTimes times) {
    if (access() != AccessMode.NETWORK_EXCLUSIVE) {
      return List.of();
    }
    try {
      return new ReaderObserver(readers(), processes, times, clock)
          .look().stream().map(sight -> new Reader(sight.reader(), sight.verdict())).toList();
    } catch (IOException e) {
      throw failed("cannot look at the readers of " + paths.database(), e);
    }
  }

  /**
   * A reader of network-exclusive access.
   *
   * @param verdict the judgement without any quiet time
   */
  public record Reader(Holder holder, Verdict verdict) {}

  /** How an attempt to break ended. */
  public sealed interface BreakOutcome {
    /** There was no lock, or only an abandoned directory, which is tidied now. */
    record AlreadyFree() implements BreakOutcome {}

    /** The lock was broken on this evidence; null where a person's word replaced the judgement. */
    record Broken(Holder holder, @Nullable Evidence evidence) implements BreakOutcome {}
  }

  /**
   * Breaks by the protocol's judgement, waiting the quiet time that the evidence needs and telling
   * the listener meanwhile.
   *
   * @param dryRun judge only
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} where the holder shows life, {@link
   *     ErrorKind#UNSAFE} where the lock is not ours to judge
   */
  public BreakOutcome breakStale(LockRequest request, boolean dryRun) {
    try {
      return new StaleBreak(directory, processes, access(), clock, request, this::takeOver)
          .run(dryRun);
    } catch (IOException e) {
      throw failed("cannot break the lock of " + paths.database(), e);
    }
  }

  /**
   * Removes the markers of stale readers in network-exclusive access, as {@link #breakStale} does
   * with the claim. Readers that show life are left alone.
   *
   * @return whose they were
   */
  public List<Holder> breakStaleReaders(LockRequest request, boolean dryRun) {
    if (access() != AccessMode.NETWORK_EXCLUSIVE) {
      return List.of();
    }
    try {
      return new ReaderBreak(readers(), processes, clock, request).run(dryRun);
    } catch (IOException e) {
      throw failed("cannot look at the readers of " + paths.database(), e);
    }
  }

  /** Removes the marker of the reader {@code token}, on a person's word; null if there is none. */
  private @Nullable Holder forceReader(LockToken token, boolean dryRun) throws IOException {
    if (access() != AccessMode.NETWORK_EXCLUSIVE || !readers().list().contains(token)) {
      return null;
    }
    ReaderObserver.Sight sight =
        new ReaderObserver(readers(), processes, LockTimes.DEFAULT, clock).look(token);
    if (!dryRun) {
      readers().remove(token, Step.DRAIN_BREAK);
    }
    return sight.reader();
  }

  /** Breaks exactly the lock of {@code token}, a reader's too, on a person's word. */
  public BreakOutcome forceBreak(LockToken token, boolean dryRun) {
    try {
      LockObserver.Sight sight =
          new LockObserver(directory, processes, access(), LockTimes.DEFAULT, clock).look();
      Holder holder = sight.holder();
      if (sight.seen().state() instanceof LockState.Foreign foreign) {
        throw foreign(paths, foreign.reason());
      }
      if (sight.seen().state() instanceof LockState.Other) {
        throw Busy.exception(paths, sight, Duration.ZERO);
      }
      if (holder == null || !holder.token().equals(token)) {
        Holder reader = forceReader(token, dryRun);
        return reader == null
            ? new BreakOutcome.AlreadyFree()
            : new BreakOutcome.Broken(reader, null);
      }
      if (!dryRun) {
        removeByForce(holder);
      }
      return new BreakOutcome.Broken(holder, null);
    } catch (IOException e) {
      throw failed("cannot break the lock of " + paths.database(), e);
    }
  }

  private void removeByForce(Holder holder) throws IOException {
    try {
      LockBreaker.remove(directory, holder.token());
    } catch (IOException e) {
      Forbidden forbidden = Forbidden.orThrow(paths, e);
      if (!isMovedAway(holder.token())) {
        throw forbidden.exceptionByForce(holder);
      }
    }
  }

  private boolean isMovedAway(LockToken token) {
    try {
      return access() == AccessMode.TRUSTED && directory.moveAway(token);
    } catch (IOException notAllowedEither) {
      return false;
    }
  }

  /**
   * Removes another program's lock, on a person's word that nobody uses it.
   *
   * @param force also where this host shows signs of use, and a lock file, which may be a living
   *     one of any host
   * @param dryRun look only
   * @return what was there; null where there was nothing of the kind
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} where it is in use, as far as can be
   *     seen; {@link ErrorKind#UNSAFE} where it is no lock of any known make
   */
  public @Nullable OtherLock breakForeign(boolean force, boolean dryRun) {
    try {
      LockObserver observer =
          new LockObserver(directory, processes, access(), LockTimes.DEFAULT, clock);
      return new ForeignBreak(directory, observer.look()).run(force, dryRun);
    } catch (IOException e) {
      throw failed("cannot remove " + paths.lock(), e);
    }
  }

  static SqliteSafeException failed(String what, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED, what + ": " + IoErrors.reason(e), "nothing was changed", e);
  }

  static SqliteSafeException foreign(LockPaths paths, String reason) {
    return new SqliteSafeException(
            ErrorKind.UNSAFE,
            paths.lock() + " is not a lock of ours: " + Holder.printable(reason),
            "nothing was touched; " + REMOVE_BY_HAND,
            null)
        .with("lock", paths.lock().toString())
        .with("reason", Holder.printable(reason));
  }

  static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
