package io.sqlitesafe.changeset;

import java.nio.file.Path;

/**
 * What became of a changeset that a crashed writer had left between its transaction and its
 * publication.
 *
 * @param file the changeset, or what told of it
 * @param message for people
 */
public record PendingOutcome(Path file, End end, String message) {
  /** How it ended. */
  public enum End {
    /** The transaction was committed, and the changeset is now where it belongs. */
    PUBLISHED("published"),
    /** The transaction was not committed, or had no changes; nothing is left. */
    DISCARDED("discarded"),
    /** The rows contradict each other: the changes are kept under another name. */
    UNCERTAIN("uncertain"),
    /** It could not be dealt with; the next command tries again. */
    FAILED("failed"),
    /** What tells of it is another user's: it is not for this one to deal with. */
    LEFT_ALONE("left-alone");

    private final String id;

    End(String id) {
      this.id = id;
    }

    /** As in JSON. */
    public String id() {
      return id;
    }
  }

  /** Whether somebody should look at it. */
  public boolean needsAttention() {
    return end == End.UNCERTAIN || end == End.FAILED;
  }

  /** Whether it is still there, so that no other changeset can be published. */
  public boolean isInTheWay() {
    return end == End.LEFT_ALONE || end == End.FAILED;
  }
}
