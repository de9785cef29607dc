package io.sqlitesafe.changeset;

/** Decides about conflicts. */
@FunctionalInterface
public interface ConflictHandler {
  /**
   * Decides. May be asked twice about a change, if it is retried, and about changes that are undone
   * again. Must not use the connection.
   *
   * @return REPLACE only where the kind allows it
   */
  Resolution resolve(Conflict conflict);
}
