package io.sqlitesafe.changeset;

/**
 * Takes changes, one after the other. Callers announce a table before its first change, and again
 * when they come back to it; what takes them makes no file section of a table without changes. Not
 * for use by several threads at once.
 */
public interface ChangeSink {
  /** The changes that follow are of this table. */
  void table(TableHeader table);

  /** A change of the table announced last. */
  void change(Change change);
}
