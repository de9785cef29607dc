package io.sqlitesafe.changeset.capture;

/**
 * Something that a changeset cannot hold, or not all of it.
 *
 * @param reason as a clause about the table
 */
public record NotCaptured(String table, String reason) {
  static final String NULL_KEYS = "rows with NULL in their key were changed";
}
