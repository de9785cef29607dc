package io.sqlitesafe.internal.copy;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.ReaderLock;
import io.sqlitesafe.lock.ExclusiveLock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The database that a snapshot is taken of, or put in place of, and the right to be alone with it.
 */
public interface Source {
  LockPaths paths();

  /** Name and version of this program, for manifests. */
  String software();

  /** Stops waiting and copying from another thread. */
  Cancellation cancellation();

  /** For how long to wait for SQLite's locks. */
  Duration patience();

  /** For how long to wait for the lock of the protocol; null = for ever. */
  @Nullable Duration patienceOrForever();

  /** Refuses a mode of access that is not meant, and a write-ahead log where it does not work. */
  void requireServed();

  /** Whether SQLite's own locks are not used, and readers need {@link #lockToRead}. */
  boolean isNetworkExclusive();

  /** Takes the shared lock of network-exclusive access. */
  ReaderLock lockToRead();

  /**
   * Takes the exclusive lock of the protocol, or a share in a parent's.
   *
   * @param patience how long to wait; null = for ever
   * @param warnings receives what a later release has to say
   */
  ExclusiveLock admit(@Nullable Duration patience, List<String> warnings);

  /** As {@link #admit}, for callers that write nothing: other names of the file do not matter. */
  ExclusiveLock admitToCopy(@Nullable Duration patience, List<String> warnings);

  /**
   * Why a copy may not be what was last committed: the file has other names, and nobody has said
   * that they are not used. Then nothing may be recovered or checkpointed. Null = no reason.
   */
  @Nullable String doubt();

  /** Tells the user something about what is read; nothing where {@code note} is null. */
  void tell(@Nullable String note);

  /** Rolls back what a crashed writer left, under the lock. */
  void recover();

  /** For the owner of the lock: waits until nobody is inside a transaction of SQLite's. */
  void drain(ExclusiveLock lock);
}
