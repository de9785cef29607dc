package io.sqlitesafe.internal.lock;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockToken;
import java.time.Duration;

/**
 * A share in the lock of a parent process ({@code with-lock}), which beats and releases. Several
 * children may share it at once; SQLite's own locks order them.
 */
public final class InheritedLock implements ExclusiveLock {
  private final LockManager manager;
  private final LockToken token;
  private final AccessMode access;
  private final long started = System.nanoTime();

  InheritedLock(LockManager manager, LockToken token, AccessMode access) {
    this.manager = manager;
    this.token = token;
    this.access = access;
  }

  @Override
  public AccessMode access() {
    return access;
  }

  @Override
  public LockToken token() {
    return token;
  }

  @Override
  public Duration waited() {
    return Duration.ZERO;
  }

  @Override
  public Duration held() {
    return Duration.ofNanos(System.nanoTime() - started);
  }

  @Override
  public void ensureHeld() {
    if (!manager.isHeld(token)) {
      throw lost(manager.paths(), token);
    }
  }

  @Override
  public void declareWorker(long pid) {}

  static SqliteSafeException lost(LockPaths paths, LockToken token) {
    return new SqliteSafeException(
            ErrorKind.LOCK_LOST,
            "the surrounding with-lock has lost the lock of "
                + paths.database()
                + " (token "
                + token
                + ")",
            "nothing was changed; run the whole command again",
            null)
        .with("token", token.hex());
  }

  /** The parent releases. */
  @Override
  public void close() {}
}
