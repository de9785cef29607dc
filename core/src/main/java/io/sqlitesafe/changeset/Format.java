package io.sqlitesafe.changeset;

/** The two formats of sqlite.org/session.html. */
public enum Format {
  /** Old and new values: can be inverted, and conflicts with other data are seen. */
  CHANGESET('T'),
  /** Keys and new values only: smaller, cannot be inverted. */
  PATCHSET('P');

  private final char mark;

  Format(char mark) {
    this.mark = mark;
  }

  /** The first byte of a table header. */
  public char mark() {
    return mark;
  }

  /** As one says it: "changeset" or "patchset". */
  public String label() {
    return this == CHANGESET ? "changeset" : "patchset";
  }
}
