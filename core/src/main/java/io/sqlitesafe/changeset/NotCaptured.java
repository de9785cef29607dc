package io.sqlitesafe.changeset;

/**
 * Something that a changeset cannot hold, or not all of it.
 *
 * @param reason as a clause about the table
 */
public record NotCaptured(String table, String reason) {
  /** Why of a table whose rows were changed that have no complete key. */
  public static final String NULL_KEYS = "rows with NULL in their key were changed";
}
