package io.sqlitesafe.lock;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.IoErrors;
import io.sqlitesafe.fs.Mount;
import io.sqlitesafe.lock.StaleJudge.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one database, seen from outside: acquire, inspect, break. Holds no open file and no
 * state of the lock, so it may be kept and shared between threads; threads of one process exclude
 * each other as processes do, because every attempt has a token of its own.
 */
public final class LockManager {
  private final LockPaths paths;
  private final LockDirectory directory;
  private final ProcessTable processes;
  private final boolean network;
  private final boolean renameReplaces;
  private final Clock clock;

  private LockManager(
      LockPaths paths,
      LockDirectory directory,
      ProcessTable processes,
      boolean network,
      boolean renameReplaces,
      Clock clock) {
    this.paths = paths;
    this.directory = directory;
    this.processes = processes;
    this.network = network;
    this.renameReplaces = renameReplaces;
    this.clock = clock;
  }

  /** The lock of the database at {@code paths}, whose directory must exist. */
  public static LockManager of(LockPaths paths) {
    return of(paths, Mount.of(paths.directory()));
  }

  /** As {@link #of(LockPaths)}, where the mount is known already. */
  public static LockManager of(LockPaths paths, Mount mount) {
    return new LockManager(
        paths,
        new LockDirectory(paths, step -> {}),
        ProcessTable.ofThisHost(),
        mount.isNetwork(),
        !System.getProperty("os.name", "").startsWith("Windows"),
        Clock.SYSTEM);
  }

  /** For tests: each step announced; the hosts' facts, the clock and the kind of rename chosen. */
  static LockManager forTest(
      LockPaths paths,
      Step.Listener listener,
      ProcessTable processes,
      boolean renameReplaces,
      Clock clock) {
    return new LockManager(
        paths, new LockDirectory(paths, listener), processes, false, renameReplaces, clock);
  }

  public LockPaths paths() {
    return paths;
  }

  /**
   * Acquires (protocol section 5), waiting as the request says. The owner must then DRAIN before it
   * relies on anything it reads (section 9).
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} naming the holder, {@link
   *     ErrorKind#UNSAFE} where the lock's place is taken by something of another make, {@link
   *     ErrorKind#FAILED} on I/O trouble
   */
  public DatabaseLock acquire(LockRequest request) {
    return new Acquisition(directory, processes, network, renameReplaces, clock, request).run();
  }

  /**
   * A share in the lock that a parent process holds.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST} where it does not hold it any more
   */
  public InheritedLock inherit(LockToken token) {
    if (!isHeldBy(token)) {
      throw InheritedLock.lost(paths, token);
    }
    return new InheritedLock(this, token);
  }

  /**
   * Courtesy of a process that has just released: if others wait, pauses for as long as the slowest
   * of them takes to notice. A waiter shows by the private directory that it has prepared.
   */
  public void yieldToWaiters() {
    if (isAwaited()) {
      clock.sleep(Acquisition.longestPoll(network), new Cancellation());
    }
  }

  /** Whether other hosts may be waiting, who notice a release later. */
  boolean isOnNetwork() {
    return network;
  }

  /** Whether others have prepared to take the lock; one that crashed there counts until swept. */
  public boolean isAwaited() {
    try {
      String mark = paths.databaseName() + LockPaths.preparedMark();
      return LockDirectory.list(paths.directory()).stream().anyMatch(name -> name.startsWith(mark));
    } catch (IOException noMatter) {
      return false; // the acquisition will say it
    }
  }

  /** Whether the claim of {@code token} is there. */
  public boolean isHeldBy(LockToken token) {
    try {
      return directory.check(token);
    } catch (IOException e) {
      throw failed("cannot look at the lock of " + paths.database(), e);
    }
  }

  /** One look, with its judgement; changes nothing. */
  public Inspection inspect(LockTimes times) {
    try {
      LockObserver.Sight sight = new LockObserver(directory, processes, times, clock).look();
      return new Inspection(
          sight.verdict(), sight.seen().life(), Optional.ofNullable(sight.holder()));
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
   */
  public record Inspection(Verdict verdict, ProcessTable.Life life, Optional<Holder> holder) {}

  /** How an attempt to break ended. */
  public sealed interface BreakOutcome {
    /** There was no lock, or only an abandoned directory, which is tidied now. */
    record AlreadyFree() implements BreakOutcome {}

    /** The lock was broken on this evidence; null where a person's word replaced the judgement. */
    record Broken(Holder holder, StaleJudge.@Nullable Evidence evidence) implements BreakOutcome {}
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
      return new StaleBreak(directory, processes, clock, request).run(dryRun);
    } catch (IOException e) {
      throw failed("cannot break the lock of " + paths.database(), e);
    }
  }

  /** Breaks exactly the lock of {@code token}, on a person's word. */
  public BreakOutcome forceBreak(LockToken token, boolean dryRun) {
    try {
      LockObserver.Sight sight =
          new LockObserver(directory, processes, LockTimes.DEFAULT, clock).look();
      Holder holder = sight.holder();
      if (sight.seen().state() instanceof LockState.Foreign foreign) {
        throw foreign(paths, foreign.reason());
      }
      if (holder == null || !holder.token().equals(token)) {
        return new BreakOutcome.AlreadyFree();
      }
      if (!dryRun) {
        LockBreaker.remove(directory, token);
      }
      return new BreakOutcome.Broken(holder, null);
    } catch (IOException e) {
      throw failed("cannot break the lock of " + paths.database(), e);
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
            "nothing was touched; find out which program made it, and remove it by hand once nobody uses "
                + paths.database(),
            null)
        .with("lock", paths.lock().toString())
        .with("reason", Holder.printable(reason));
  }

  static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
