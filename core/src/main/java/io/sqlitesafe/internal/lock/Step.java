package io.sqlitesafe.internal.lock;

/**
 * The numbered file operations of the protocol. {@link LockDirectory} announces each one before it
 * happens; tests use that to interleave several participants step by step.
 */
public enum Step {
  /** A1: write the private directory. */
  PREPARE,
  /** A2: mkdir of the lock directory. */
  RESERVE,
  /** E1: removal of other acquirers' private directories, to take a reservation over. */
  EVICT,
  /** A3: rename of the private directory onto it. */
  CLAIM,
  /** A4 and O3: barrier, then open of the claim. */
  CHECK,
  /** H1 to H3. */
  BEAT,
  /** A change in the lock directory, for lockers of another make. */
  TOUCH,
  /** H3, for a record that names a worker. */
  DECLARE,
  /** Release: unlink of the own claim. */
  RELEASE,
  /** BREAK: unlink of another's claim. */
  BREAK,
  /** CLEAN: readdir. */
  CLEAN_LIST,
  /** CLEAN: unlink of one name. */
  CLEAN_FILE,
  /** CLEAN: rmdir. */
  CLEAN_RMDIR,

  // Network-exclusive access (section 10).

  /** R1: a look for the exclusive lock. */
  SHARE_LOOK,
  /** R2: exclusive create of the marker. */
  SHARE_MARK,
  /** R3: barrier, and another look for the exclusive lock. */
  SHARE_CONFIRM,
  /** R5. */
  SHARE_BEAT,
  /** R6: barrier, then open of the marker. */
  SHARE_VALIDATE,
  /** R7: unlink of the own marker. */
  SHARE_RELEASE,
  /** A writer's look at the readers. */
  DRAIN_LIST,
  /** A writer's unlink of a stale reader's marker. */
  DRAIN_BREAK,
  /** P2: the claim is filled. */
  FILL_CLAIM,
  /** P3: rename of the claim onto the database. */
  PUBLISH_DATABASE,
  /** P4: sync of the directory. */
  SYNC_DIRECTORY;

  /** Told of each step just before it is taken, on the thread that takes it. */
  public interface Listener {
    void before(Step step);
  }
}
