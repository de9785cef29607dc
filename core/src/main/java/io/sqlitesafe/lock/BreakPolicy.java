package io.sqlitesafe.lock;

import io.sqlitesafe.internal.lock.StaleJudge;

/** What an acquirer may break by itself. */
public enum BreakPolicy {
  /** Nothing. */
  NEVER,
  /**
   * Owners that are proven dead: their process on this host is gone, or (on a local file system,
   * which no other host can have mounted) this host has rebooted since and the protocol's confirm
   * time has passed.
   */
  DEAD,
  /** Also what is judged stale by time. */
  STALE;

  public boolean allows(StaleJudge.Evidence evidence, boolean networkFileSystem) {
    return switch (this) {
      case NEVER -> false;
      case DEAD ->
          evidence == StaleJudge.Evidence.DEAD
              || (evidence == StaleJudge.Evidence.REBOOT && !networkFileSystem);
      case STALE -> true;
    };
  }
}
