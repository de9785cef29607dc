package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock of one database, held. Obtained by {@link LockManager#acquire}; closed by its
 * release. While it is held a daemon thread beats. Thread-safe.
 *
 * <p>Holding this object proves nothing by itself: the process may have been stopped for an hour
 * and the lock broken meanwhile. {@link #ensureHeld} must be called while SQLite's RESERVED lock is
 * held and before COMMIT (protocol section 9); what makes that safe is that a successor first waits
 * for RESERVED too.
 */
public final class DatabaseLock implements ExclusiveLock, Heartbeat.Beating {
  private static final Duration RECHECK = Duration.ofSeconds(2);

  /** proper-lockfile may be told to take 2 s without a change for death; its default is 10 s. */
  private static final Duration LOCAL_TOUCH = Duration.ofSeconds(1);

  private static final Duration NETWORK_TOUCH = Duration.ofSeconds(4);

  private final LockDirectory directory;
  private final LockToken token;
  private final AccessMode access;
  private final LockRequest request;
  private final boolean network;
  private final Clock clock;
  private final Duration waited;
  private final long acquiredNanos;
  private final Heartbeat heartbeat;

  private OwnerRecord record;
  private long sequence = 1;
  private long lastBeatNanos;
  private long lastBeatMillis;

  /** The claim stands in for a heartbeat until the first beat. */
  private boolean beaten;

  private Duration idle = Duration.ZERO;
  private boolean told;
  private boolean lost;
  private boolean closed;

  /**
   * The claim has become the next state of the database, and its permissions are the database's.
   */
  private boolean publishing;

  DatabaseLock(
      LockDirectory directory,
      LockToken token,
      OwnerRecord record,
      AccessMode access,
      LockRequest request,
      boolean network,
      Clock clock,
      Duration waited,
      boolean beaten,
      @Nullable Runnable first) {
    this.beaten = beaten;
    this.directory = directory;
    this.token = token;
    this.record = record;
    this.access = access;
    this.request = request;
    this.network = network;
    this.clock = clock;
    this.waited = waited;
    this.acquiredNanos = clock.nanoTime();
    noteBeat();
    Duration interval = request.times().heartbeatInterval();
    long touch = (network ? NETWORK_TOUCH : LOCAL_TOUCH).toMillis();
    this.heartbeat =
        new Heartbeat(this, interval, (int) ((interval.toMillis() + touch - 1) / touch), first);
  }

  @Override
  public LockToken token() {
    return token;
  }

  @Override
  public AccessMode access() {
    return access;
  }

  @Override
  public Duration waited() {
    return waited;
  }

  @Override
  public Duration held() {
    return Duration.ofNanos(clock.nanoTime() - acquiredNanos);
  }

  /**
   * For how long of that nothing was done under it, where an owner keeps it for the next
   * transaction.
   */
  public synchronized Duration idle() {
    return idle;
  }

  /** The owner has kept it for that long without use. */
  public synchronized void addIdle(Duration time) {
    idle = idle.plus(time);
  }

  Path database() {
    return directory.paths().database();
  }

  synchronized OwnerRecord record() {
    return record;
  }

  String timestamp() {
    return clock.timestamp();
  }

  @Override
  public void ensureHeld() {
    if (!isHeld()) {
      throw lostException();
    }
  }

  @Override
  public synchronized void declareWorker(long pid) {
    ensureHeld();
    record = record.withWorker(ProcessTable.ofThisHost().worker(pid)).updatedAt(clock.timestamp());
    try {
      directory.declare(token, record);
    } catch (IOException e) {
      throw LockManager.failed("cannot name the process that works under the lock", e);
    }
  }

  /**
   * As {@link #ensureHeld}, but returns the answer instead of throwing. Beats only where the last
   * beat is not young.
   */
  public synchronized boolean isHeld() {
    return isHeld(gap().compareTo(stillFresh()) >= 0);
  }

  /** As {@link #isHeld}, with a beat in any case. */
  synchronized boolean isHeldAndBeaten() {
    return isHeld(true);
  }

  private boolean isHeld(boolean beat) {
    if (lost) {
      return false;
    }
    boolean afterGap = gap().compareTo(request.times().gap()) > 0;
    try {
      // After a sleep or a stop, judge only once a breaker that was just at work has had time to
      // finish (section 5).
      lost = afterGap ? !(check() && beat() && pauseAndCheck()) : !((!beat || beat()) && check());
    } catch (IOException e) {
      throw unverified(e);
    }
    if (lost) {
      request.listener().lost();
    }
    return !lost;
  }

  /** What is known, without a look. */
  public synchronized boolean isLost() {
    return lost;
  }

  private SqliteSafeException unverified(IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot verify the lock of " + directory.paths().database() + ": " + e.getMessage(),
        "nothing was committed; look at the file system and try again",
        e);
  }

  private boolean pauseAndCheck() throws IOException {
    clock.sleep(RECHECK, new Cancellation());
    return check();
  }

  /** The larger of both clocks: one stands still while the machine sleeps, the other may be set. */
  private Duration gap() {
    long nanos = clock.nanoTime() - lastBeatNanos;
    long millis = clock.wallMillis() - lastBeatMillis;
    return Duration.ofMillis(Math.max(nanos / 1_000_000, millis));
  }

  /** A commit needs no beat of its own where the last one is as young as this. */
  private Duration stillFresh() {
    return Duration.ofMillis(request.times().heartbeatInterval().toMillis() / 2);
  }

  private boolean beat() throws IOException {
    sequence++;
    boolean held = directory.beat(token, sequence, record.updatedAt(clock.timestamp()));
    beaten = true;
    noteBeat();
    return held;
  }

  private void noteBeat() {
    lastBeatNanos = clock.nanoTime();
    lastBeatMillis = clock.wallMillis();
  }

  private boolean check() throws IOException {
    return Answer.to(() -> directory.check(token), clock);
  }

  /**
   * One beat of the heartbeat's thread; trouble that is no proof of loss is left for the next one.
   */
  @Override
  public void tick() {
    try {
      if (isHeldAndBeaten()) {
        touchAndFreshen();
      }
    } catch (SqliteSafeException unknown) {
      // The commit check decides.
    }
  }

  private synchronized void touchAndFreshen() {
    touch();
    if (!lost && !publishing) {
      directory.freshen(token);
    }
  }

  /** Between two beats. What it finds out about the loss of the lock is found out for all. */
  @Override
  public synchronized void touch() {
    if (lost || closed || publishing) {
      return;
    }
    try {
      lost = !directory.touch(token);
    } catch (IOException unknown) {
      return;
    }
    if (lost) {
      request.listener().lost();
    }
  }

  private SqliteSafeException lostException() {
    return new SqliteSafeException(
            ErrorKind.LOCK_LOST,
            "the lock of "
                + directory.paths().database()
                + " was broken while this process held it (token "
                + token
                + ", held for "
                + held().toSeconds()
                + " s)",
            "everything was rolled back; the process was probably stopped for longer than the stale"
                + " limit of "
                + request.times().staleAfter().toSeconds()
                + " s; run it again",
            null)
        .with("token", token.hex());
  }

  /**
   * Commits by publication (protocol section 10.3, P2 to P4): fills the claim with the new content
   * of the database and renames it onto the database. That one step is commit and release; a break
   * is the removal of the same name, so that exactly one of both happens, whatever is paused.
   * Afterwards the lock is no longer held.
   *
   * @return a warning where it was committed but the directory could not be synced, else null
   * @throws SqliteSafeException {@link ErrorKind#LOCK_LOST} or {@link ErrorKind#FAILED} where
   *     nothing was changed, {@link ErrorKind#UNCERTAIN} where that cannot be known
   */
  public @Nullable String publish(ClaimContent content) {
    synchronized (this) {
      publishing = true;
    }
    PublishCommit commit = new PublishCommit(directory, token, network, clock);
    boolean held = commit.fill(content);
    // The rename is the release: no beat may come after it.
    heartbeat.stop();
    synchronized (this) {
      // Asked once more, so that the reply to the rename seldom is the only witness.
      if (!held || lost || !stillHeld()) {
        throw lose();
      }
      switch (commit.rename()) {
        case COMMITTED -> closed = true;
        case BROKEN -> throw lose();
        case UNKNOWN -> {
          closed = true;
          throw commit.uncertain();
        }
      }
    }
    return commit.settle(beaten);
  }

  private boolean stillHeld() {
    try {
      return check();
    } catch (IOException e) {
      throw unverified(e);
    }
  }

  private SqliteSafeException lose() {
    lost = true;
    return lostException();
  }

  /**
   * Releases: stops the heartbeat first, so that no late beat writes into a successor's directory.
   * Safe to call twice. A failure is reported as a warning to the listener, because what was
   * committed stays committed.
   */
  @Override
  public void close() {
    heartbeat.stop();
    release();
    synchronized (this) {
      if (told) {
        return;
      }
      told = true;
    }
    request.listener().released(this);
  }

  private void release() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (lost) {
        return; // section 8: a compromised holder touches nothing any more
      }
      try {
        directory.release(token, beaten);
      } catch (IOException e) {
        request
            .listener()
            .warning(
                "could not release the lock "
                    + directory.paths().lock()
                    + ": "
                    + e.getMessage()
                    + "; remove it by: sqlite-safe break-stale --owner "
                    + token
                    + " --force");
      }
    }
  }
}
