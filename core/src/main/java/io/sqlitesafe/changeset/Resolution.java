package io.sqlitesafe.changeset;

/** What to do about a conflict (sqlite.org/session/c_changeset_abort.html). */
public enum Resolution {
  /** Undo everything. */
  ABORT,
  /** Pass the change over. */
  OMIT,
  /** Let the change win over the row that is there; see {@link ConflictKind#replaceable}. */
  REPLACE
}
