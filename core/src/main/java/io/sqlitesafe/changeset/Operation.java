package io.sqlitesafe.changeset;

/**
 * What a change does to a row; in the canonical order, in which keys are free before they are
 * taken.
 */
public enum Operation {
  DELETE(9),
  UPDATE(23),
  INSERT(18);

  private final int code;

  Operation(int code) {
    this.code = code;
  }

  /** SQLite's number for it (sqlite.org/c3ref/c_alter_table.html), the format's byte. */
  public int code() {
    return code;
  }
}
