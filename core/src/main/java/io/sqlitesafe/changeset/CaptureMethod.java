package io.sqlitesafe.changeset;

import io.sqlitesafe.internal.capture.TriggerCapture;

/** How changes are noticed. */
public enum CaptureMethod {
  /**
   * By the size of the database, for how much will be changed cannot be known: DIFF up to 1 MiB,
   * where it costs little in any case; else TRIGGERS.
   */
  AUTO,
  /**
   * Temporary triggers keep each row as it was before its first change. The cost follows the number
   * of changed rows. In rare cases the triggers change what a statement does: see {@link
   * TriggerCapture}.
   */
  TRIGGERS,
  /**
   * The tables as they are at the end are compared with what a second connection still sees. Exact;
   * the cost follows the size of the tables. With a rollback journal the changed pages stay in
   * memory until the commit.
   */
  DIFF
}
