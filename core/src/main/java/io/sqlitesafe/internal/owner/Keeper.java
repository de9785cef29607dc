package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.Courtesy;
import io.sqlitesafe.internal.lock.DatabaseLock;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.FileTerms;
import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an owner, with its lock and its connection, from one operation to the next, while nobody
 * else wants them: to take the lock, open the file, read the schema and drain costs a short write
 * many times what it costs itself.
 *
 * <p>Each operation still has a transaction of its own with a CHECK of its own before the commit
 * (protocol section 9, T3, which allows any number of them under one lock), and the heartbeat never
 * stops. What is new is the time in which a lock is held and nothing is done with it (section 16):
 *
 * <ul>
 *   <li>Who is busy hands the lock over once it has been worked under for {@link #TURN} and
 *       somebody shows that they wait. To take the lock and to open the file does not count: with
 *       many who wait that takes as long as a turn, and each turn would be one write.
 *   <li>Who is idle gives it up after {@link #GRACE} where somebody waits, and after {@link #IDLE}
 *       in any case: by a thread of its own, whatever the process is waiting for.
 *   <li>On a network file system, where those who wait are seen late, it is kept only for an
 *       operation that is there already, and for {@link #LONG_TURN} at most.
 * </ul>
 *
 * <p>The connection is used again where the next operation cannot notice: it is of the same file,
 * nothing but plain statements were run on it, and what SQLite tells of the last one is set back
 * ({@link io.sqlitesafe.internal.db.Database#resume}). It is closed with the lock, so that nobody
 * who waits for the lock finds the file open. In network-exclusive access nothing is kept: there a
 * commit is the release.
 *
 * <p>Operations are those of one thread; {@link #release} may be called by any.
 */
public final class Keeper implements AutoCloseable {
  /** Some dozens of short writes; and short beside what people let commands wait. */
  static final Duration TURN = Duration.ofMillis(20);

  /** On a network the next one needs up to a second to notice that it is its turn. */
  static final Duration LONG_TURN = Duration.ofSeconds(1);

  /** As long as a client needs to read an answer and to send the next request, and some more. */
  static final Duration IDLE = Duration.ofMillis(50);

  /** What an idle lock costs those who wait: as much as it costs them to take it. */
  private static final Duration GRACE = Duration.ofMillis(10);

  private static final Duration TICK = Duration.ofMillis(5);

  /** How many ticks the thread goes on looking when nothing is kept, before it has to be woken. */
  private static final int RESTLESS = 200;

  private final BooleanSupplier queued;
  private final Duration mostIdle;
  private final Idle idle;
  private final Courtesy courtesy = new Courtesy();
  private final Traces traces = new Traces();

  private @Nullable Owner kept;
  private long idleSince;

  /** For how long the owner that was taken last had been idle. */
  private Duration lain = Duration.ZERO;

  private @Nullable Thread watcher;
  private boolean asleep;

  /** The watcher is releasing what it has found idle. */
  private boolean ending;

  /**
   * Nothing is held yet.
   *
   * @param queued whether this thread is about to use the same database again, without waiting for
   *     anything before
   * @param idle told what the release of an idle lock has to say, when no operation is there that
   *     could be told
   */
  public Keeper(BooleanSupplier queued, LockListener idle) {
    this(queued, idle, IDLE);
  }

  /** For tests: another bound of the idle time. */
  Keeper(BooleanSupplier queued, LockListener idle, Duration mostIdle) {
    this.queued = queued;
    this.idle = new Idle(idle);
    this.mostIdle = mostIdle;
  }

  /**
   * The site of the operation to come; what is known of a database that is kept is not looked up.
   */
  public Site site(Path name, LockRequest request, FileTerms terms, Optional<LockToken> parent) {
    LockPaths paths = Site.paths(name);
    Site known;
    synchronized (this) {
      known = kept == null ? null : kept.site();
    }
    return known != null && known.paths().equals(paths) && known.terms().equals(terms)
        ? known.again(request, parent)
        : Site.of(paths, request, terms, parent);
  }

  /** The owner that the operation before this one has left, or a new one. */
  public Owner enter(Site site) {
    Owner left = take();
    if (left != null) {
      if (left.fits(site) && !isLostAsleep(left)) {
        return admitted(left, site);
      }
      end(left);
    }
    courtesy.letOthersIn(site.manager());
    Voice voice = new Voice(site.listener());
    return Owner.keepable(site, voice);
  }

  /**
   * Whether it was lost while this process did not run, which its thread would have released it in
   * time otherwise. Known now, it costs the next operation nothing; the CHECK before the commit
   * would refuse that.
   */
  private boolean isLostAsleep(Owner left) {
    if (lain.compareTo(mostIdle.multipliedBy(2)) < 0) {
      return false;
    }
    try {
      left.lock().ensureHeld();
      return false;
    } catch (SqliteSafeException e) {
      return true;
    }
  }

  private Owner admitted(Owner left, Site site) {
    try {
      left.resume(site);
      return left;
    } catch (RuntimeException e) {
      end(left);
      throw e;
    }
  }

  /** Begins a transaction, whose statements are looked at. */
  public OwnedTransaction begin(Owner owner) {
    traces.begin();
    return OwnedTransaction.begin(owner, traces);
  }

  /**
   * An operation is done with its owner, which is kept or closed.
   *
   * @param plain its transaction was begun by {@link #begin} and has come to its end, so that the
   *     connection may be used again
   */
  public void leave(Owner owner, boolean plain) {
    if (!mayBeKept(owner)) {
      end(owner);
      return;
    }
    try {
      if (plain && !traces.any()) {
        owner.markReusable();
      } else {
        owner.shut();
      }
    } catch (RuntimeException e) {
      end(owner);
      throw e;
    }
    owner.speakTo(idle);
    keep(owner);
  }

  private synchronized void keep(Owner owner) {
    idleSince = System.nanoTime();
    kept = owner;
    if (watcher == null) {
      Thread thread = new Thread(this::watch, "sqlite-safe-keeper");
      thread.setDaemon(true);
      watcher = thread;
      thread.start();
    } else if (asleep) {
      notifyAll();
    }
  }

  private boolean mayBeKept(Owner owner) {
    return owner instanceof TrustedOwner
        && owner.lock() instanceof DatabaseLock lock
        && !lock.isLost()
        && isInTurn(owner, queued.getAsBoolean());
  }

  /**
   * Whether an owner that is busy may go on.
   *
   * @param next what comes next is there already
   */
  public static boolean isInTurn(Owner owner, boolean next) {
    if (owner.site().mount().isNetwork()) {
      return next && owner.lock().held().compareTo(LONG_TURN) < 0;
    }
    return owner.worked().compareTo(TURN) < 0 || !owner.site().manager().isAwaited();
  }

  private synchronized @Nullable Owner take() {
    awaitEnding();
    Owner left = kept;
    kept = null;
    noteIdle(left);
    return left;
  }

  /**
   * Whoever goes on would meet the lock that this very process is giving up; or end the process,
   * and with it the thread that is giving it up.
   */
  private synchronized void awaitEnding() {
    boolean interrupted = false;
    while (ending && Thread.currentThread() != watcher) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // it takes no longer than a release
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void noteIdle(@Nullable Owner left) {
    lain = idleFor();
    if (left != null && left.lock() instanceof DatabaseLock lock) {
      lock.addIdle(lain);
    }
  }

  /** What was not left here was released. */
  public void noteRelease() {
    courtesy.noteRelease();
  }

  private void end(Owner owner) {
    owner.close();
    courtesy.noteRelease();
  }

  /** Gives up what is kept, if anything is. */
  public void release() {
    Owner left = take();
    if (left != null) {
      end(left);
    }
  }

  @Override
  public void close() {
    release();
  }

  /** The thread that sees to it that no lock lies idle for too long. */
  private void watch() {
    try {
      while (true) {
        endOverdue(overdue());
      }
    } catch (InterruptedException nobodyElseHasThisThread) {
      // the process ends
    } finally {
      synchronized (this) {
        watcher = null;
      }
    }
  }

  private void endOverdue(Owner left) {
    try {
      end(left);
    } catch (RuntimeException e) {
      idle.warning("giving up an idle lock: " + e.getMessage());
    } finally {
      synchronized (this) {
        ending = false;
        notifyAll();
      }
    }
  }

  private synchronized Owner overdue() throws InterruptedException {
    int quiet = 0;
    while (true) {
      Owner left = kept;
      if (left != null && isOverdue(left)) {
        kept = null;
        ending = true;
        noteIdle(left);
        return left;
      }
      quiet = left == null ? quiet + 1 : 0;
      asleep = quiet > RESTLESS;
      // Not woken each time that something is kept: that would cost each write a change of threads.
      wait(asleep ? 0 : TICK.toMillis());
    }
  }

  private boolean isOverdue(Owner left) {
    Duration idleFor = idleFor();
    return idleFor.compareTo(mostIdle) >= 0
        || (idleFor.compareTo(GRACE) >= 0 && left.site().manager().isAwaited());
  }

  private Duration idleFor() {
    return Duration.ofNanos(System.nanoTime() - idleSince);
  }

  /** Speaks to whoever has the lock at the time. */
  static final class Voice implements ForwardingLockListener {
    private final LockListener first;
    private volatile LockListener current;

    Voice(LockListener first) {
      this.first = first;
      this.current = first;
    }

    /** Who has taken it hears how it ended. */
    @Override
    public void released(ExclusiveLock lock) {
      first.released(lock);
    }

    void speakTo(LockListener listener) {
      current = listener;
    }

    @Override
    public LockListener next() {
      return current;
    }
  }

  /** A lock that is lost while nothing is done under it harms nobody. */
  private record Idle(LockListener next) implements ForwardingLockListener {
    @Override
    public void lost() {}
  }
}
