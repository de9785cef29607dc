package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.time.Duration;

/**
 * A reader's shared lock of network-exclusive access, held. Obtained by {@link
 * LockManager#lockToRead}; closed by its release. While it is held a daemon thread beats.
 * Thread-safe.
 *
 * <p>Holding this object proves nothing by itself: the process may have been stopped for an hour,
 * its marker removed, and a writer let in. Whatever was read counts only after {@link #ensureHeld}.
 */
public final class HeldReaderLock implements ReaderLock, Heartbeat.Beating {
  private final ReaderDirectory readers;
  private final LockToken token;
  private final OwnerRecord record;
  private final LockRequest request;
  private final Clock clock;
  private final Duration waited;
  private final Heartbeat heartbeat;
  private boolean lost;
  private boolean closed;

  HeldReaderLock(
      ReaderDirectory readers,
      LockToken token,
      OwnerRecord record,
      LockRequest request,
      Clock clock,
      Duration waited) {
    this.readers = readers;
    this.token = token;
    this.record = record;
    this.request = request;
    this.clock = clock;
    this.waited = waited;
    this.heartbeat = new Heartbeat(this, request.times().heartbeatInterval());
  }

  /** The identity of the lock. */
  public LockToken token() {
    return token;
  }

  @Override
  public Duration waited() {
    return waited;
  }

  @Override
  public synchronized void ensureHeld() {
    if (!lost) {
      lost = !check();
    }
    if (lost) {
      throw new SqliteSafeException(
              ErrorKind.LOCK_LOST,
              "the shared lock of "
                  + readers.paths().database()
                  + " was broken while this process was reading (token "
                  + token
                  + ")",
              "what was read is discarded; the process was probably stopped for longer than the"
                  + " stale limit of "
                  + request.times().staleAfter().toSeconds()
                  + " s; run it again",
              null)
          .with("token", token.hex());
    }
  }

  private boolean check() {
    try {
      return Answer.to(() -> readers.check(token), clock);
    } catch (IOException unknown) {
      throw LockManager.failed(
          "cannot verify the shared lock of " + readers.paths().database(), unknown);
    }
  }

  /** R5, on the heartbeat's thread; trouble that is no proof of loss is left for the next one. */
  @Override
  public synchronized void tick() {
    if (lost || closed) {
      return;
    }
    try {
      lost = !readers.beat(token, record.updatedAt(clock.timestamp()));
    } catch (IOException uninformed) {
      return;
    }
    if (lost) {
      request.listener().lost();
    }
  }

  /** R7. Stops the heartbeat first. Safe to call twice. */
  @Override
  public void close() {
    heartbeat.stop();
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (lost) {
        return;
      }
      try {
        readers.remove(token, Step.SHARE_RELEASE);
      } catch (IOException e) {
        request
            .listener()
            .warning(
                "could not give back the shared lock of "
                    + readers.paths().database()
                    + ": "
                    + e.getMessage()
                    + "; writers wait for it until they judge it stale");
      }
    }
  }
}
