package io.sqlitesafe.recover;

/**
 * What is wanted of a recovery.
 *
 * @param deleted also rows that were deleted, as far as their pages were not used again
 * @param journal what to make of a rollback journal beside the file
 */
public record RecoverRequest(boolean deleted, Journal journal) {
  /** Nothing that was deleted; the journal as SQLite would take it. */
  public static final RecoverRequest DEFAULT = new RecoverRequest(false, Journal.AUTO);

  /** The state before the transaction that a journal belongs to, or in the middle of it. */
  public enum Journal {
    /** Rolled back in thought, where the journal is whole. */
    AUTO,
    /** Rolled back in thought as far as the journal can be read. */
    APPLY,
    /** The file as it is. */
    IGNORE
  }
}
