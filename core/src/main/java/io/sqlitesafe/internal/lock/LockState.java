package io.sqlitesafe.internal.lock;

import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;

/** What one {@code readdir} of the lock directory shows (protocol section 2). */
public sealed interface LockState {
  /** There is no lock directory. */
  record Absent() implements LockState {}

  /** Exactly one claim: somebody owns the lock. */
  record Held(LockToken token) implements LockState {}

  /**
   * Known files but no claim, or none any more: released or broken, and not tidied yet. Anybody may
   * tidy at once.
   *
   * @param onlySilly only the names of files are left that a process of some client still has open
   */
  record Dead(boolean onlySilly) implements LockState {}

  /** An acquirer between A2 and A3, or one that crashed there. */
  record Reserved() implements LockState {}

  /**
   * The lock of a program that locks by the same name in another way, and may give it back: waited
   * for, and never touched.
   */
  record Other(OtherLock kind) implements LockState {}

  /**
   * Something that is not ours and must not be touched.
   *
   * @param reason what was seen, fit for a message
   */
  record Foreign(String reason) implements LockState {}
}
