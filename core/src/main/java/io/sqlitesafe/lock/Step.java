package io.sqlitesafe.lock;

/**
 * The numbered file operations of the protocol. {@link LockDirectory} announces each one before it
 * happens; tests use that to interleave several participants step by step.
 */
public enum Step {
  /** A1: write the private directory. */
  PREPARE,
  /** A2: mkdir of the lock directory. */
  RESERVE,
  /** A3: rename of the private directory onto it. */
  PUBLISH,
  /** A4 and O3: barrier, then open of the claim. */
  CHECK,
  /** H1 to H3. */
  BEAT,
  /** Release: unlink of the own claim. */
  RELEASE,
  /** BREAK: unlink of another's claim. */
  BREAK,
  /** CLEAN: readdir. */
  CLEAN_LIST,
  /** CLEAN: unlink of one name. */
  CLEAN_FILE,
  /** CLEAN: rmdir. */
  CLEAN_RMDIR;

  /** Told of each step just before it is taken, on the thread that takes it. */
  public interface Listener {
    void before(Step step);
  }
}
