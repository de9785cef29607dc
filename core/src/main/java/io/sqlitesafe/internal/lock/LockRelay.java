package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockToken;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Hands a lock from one operation of this process to its next one, so that a stream of short
 * operations need not give it up and take it again for each: with several such streams on one
 * database most of their time would go by between a release and its discovery by the next.
 *
 * <p>Each operation still has a transaction of its own with a CHECK of its own before the commit
 * (protocol section 9, T3, which allows any number of them under one lock), and the heartbeat never
 * stops. What is new is the time in which a lock is held and nothing is done with it. It is
 * bounded: an idle lock is released within {@link #IDLE} by a thread of its own, whatever the
 * process is waiting for; and after {@link #LOCAL_TURN}, or on a slow disk after {@link #FEW}
 * operations, it is handed on no more. Then others come first.
 *
 * <p>In network-exclusive access each operation takes its own: there a commit is the release.
 *
 * <p>Operations are those of one thread; {@link #close} may be called by any.
 */
public final class LockRelay implements AutoCloseable {
  /** Some dozens of writes; and short beside the seconds for which people let commands wait. */
  private static final Duration LOCAL_TURN = Duration.ofMillis(100);

  /**
   * On a network the next one needs up to a second to notice that it is its turn. Also the most
   * that a few operations may take.
   */
  private static final Duration LONG_TURN = Duration.ofSeconds(1);

  /** What a turn should have, so that taking the lock is the smaller part of it. */
  private static final int FEW = 10;

  private static final Duration IDLE = Duration.ofMillis(100);

  /** Releases that are longer ago than this have been noticed by everybody. */
  private static final Duration JUST_NOW = Duration.ofMillis(20);

  private final BooleanSupplier wanted;
  private final LockListener idle;
  private final Duration mostIdle;

  private @Nullable Lent kept;
  private boolean watched;
  private boolean watching;
  private boolean released;
  private long releasedNanos;

  /**
   * Nothing is held yet.
   *
   * @param wanted whether this thread is about to lock the same database again, without waiting for
   *     anything before
   * @param idle told what the release of an idle lock has to say, when no operation is there that
   *     could be told
   */
  public LockRelay(BooleanSupplier wanted, LockListener idle) {
    this(wanted, idle, IDLE);
  }

  /** For tests: another bound of the idle time. */
  LockRelay(BooleanSupplier wanted, LockListener idle, Duration mostIdle) {
    this.wanted = wanted;
    this.idle = idle;
    this.mostIdle = mostIdle;
  }

  /** As {@link LockManager#acquire}, or the lock that the operation before this one has left. */
  public ExclusiveLock acquire(LockManager manager, LockRequest request) {
    Lent left = take();
    if (left != null) {
      if (left.fits(manager, request)) {
        return left.next(request.listener());
      }
      left.release();
    }
    if (released && System.nanoTime() - releasedNanos < JUST_NOW.toNanos()) {
      manager.yieldToWaiters();
    }
    Voice voice = new Voice(request.listener());
    DatabaseLock lock = manager.acquire(request.withListener(voice));
    return lock.access() == AccessMode.TRUSTED
        ? new Lent(lock, manager, request, voice, lock.waited(), 1)
        : lock;
  }

  /** Whether a lock that has been held for so many operations may be held for another one. */
  public static boolean isInTurn(Duration held, int operations, boolean onNetwork) {
    return held.compareTo(onNetwork || operations < FEW ? LONG_TURN : LOCAL_TURN) < 0;
  }

  private synchronized @Nullable Lent take() {
    Lent left = kept;
    kept = null;
    return left;
  }

  private synchronized boolean keep(Lent lent) {
    if (lent.lock.isLost() || !lent.hasTime() || !wanted.getAsBoolean()) {
      return false;
    }
    lent.voice.current = idle;
    lent.idleSince = System.nanoTime();
    kept = lent;
    if (!watching) {
      watching = true;
      Thread thread = new Thread(this::watch, "sqlite-safe-relay");
      thread.setDaemon(true);
      thread.start();
    } else if (!watched) {
      notifyAll();
    }
    return true;
  }

  /** Releases what lies idle, if anything does. */
  @Override
  public void close() {
    Lent left = take();
    if (left != null) {
      left.release();
    }
  }

  /** The thread that sees to it that no lock lies idle beyond its turn. */
  private void watch() {
    try {
      while (true) {
        overdue().release();
      }
    } catch (InterruptedException nobodyElseHasThisThread) {
      // the process ends
    }
  }

  private synchronized Lent overdue() throws InterruptedException {
    while (true) {
      Lent left = kept;
      long rest = left == null ? 0 : left.idleRest().toMillis();
      watched = left != null;
      if (left == null) {
        wait();
      } else if (rest <= 0) {
        kept = null;
        return left;
      } else {
        wait(rest); // what is kept by then has a later end, never an earlier one
      }
    }
  }

  private synchronized void noteRelease() {
    released = true;
    releasedNanos = System.nanoTime();
  }

  /** Speaks to whoever has the lock at the time. */
  private static final class Voice implements ForwardingLockListener {
    private final LockListener first;
    private volatile LockListener current;

    Voice(LockListener first) {
      this.first = first;
      this.current = first;
    }

    /** Who has taken it hears how it ended. */
    @Override
    public void released(DatabaseLock lock) {
      first.released(lock);
    }

    @Override
    public LockListener next() {
      return current;
    }
  }

  /** The lock as one operation has it. */
  final class Lent implements ExclusiveLock {
    private final DatabaseLock lock;
    private final LockManager manager;
    private final LockRequest request;
    private final Voice voice;
    private final Duration waited;
    private final Duration before;
    private final int operations;
    private long idleSince;

    private Lent(
        DatabaseLock lock,
        LockManager manager,
        LockRequest request,
        Voice voice,
        Duration waited,
        int operations) {
      this.lock = lock;
      this.manager = manager;
      this.request = request;
      this.voice = voice;
      this.waited = waited;
      this.before = lock.held();
      this.operations = operations;
    }

    private Lent next(LockListener listener) {
      voice.current = listener;
      return new Lent(lock, manager, request, voice, Duration.ZERO, operations + 1);
    }

    /** What others can read about the lock must be true of the next operation too. */
    private boolean fits(LockManager other, LockRequest wish) {
      return other.paths().equals(manager.paths())
          && wish.times().equals(request.times())
          && wish.command().equals(request.command());
    }

    /** Whether it may be handed on. */
    private boolean hasTime() {
      return isInTurn(lock.held(), operations, manager.isOnNetwork());
    }

    /** For how long it may go on to lie idle. */
    private Duration idleRest() {
      return mostIdle.minus(Duration.ofNanos(System.nanoTime() - idleSince));
    }

    private void release() {
      lock.close();
      noteRelease();
    }

    @Override
    public LockToken token() {
      return lock.token();
    }

    @Override
    public AccessMode access() {
      return lock.access();
    }

    @Override
    public Duration waited() {
      return waited;
    }

    @Override
    public Duration held() {
      return lock.held().minus(before);
    }

    @Override
    public void confirm() {
      lock.confirm();
    }

    @Override
    public void declareWorker(long pid) {
      lock.declareWorker(pid);
    }

    @Override
    public void close() {
      if (!keep(this)) {
        release();
      }
    }
  }
}
