package io.sqlitesafe.changeset.capture;

/** How changes are noticed. */
public enum CaptureMethod {
  /** By the size of the database: DIFF for a small one, else TRIGGERS. */
  AUTO,
  /**
   * Temporary triggers keep each row as it was before its first change. The cost follows the number
   * of changed rows. In rare cases the triggers change what a statement does: see {@link
   * TriggerCapture}.
   */
  TRIGGERS,
  /**
   * The tables as they are at the end are compared with what a second connection still sees. Exact;
   * the cost follows the size of the tables.
   */
  DIFF
}
