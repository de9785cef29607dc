package io.sqlitesafe.lock;

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

  public boolean allows(Evidence evidence, boolean networkFileSystem) {
    return switch (this) {
      case NEVER -> false;
      case DEAD -> evidence == Evidence.DEAD || (evidence == Evidence.REBOOT && !networkFileSystem);
      case STALE -> true;
    };
  }
}
