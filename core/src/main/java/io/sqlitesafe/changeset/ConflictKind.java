package io.sqlitesafe.changeset;

/** Why a change could not simply be applied (sqlite.org/session/c_changeset_conflict.html). */
public enum ConflictKind {
  /** The row is there, but holds other values than the change expects. */
  DATA("data", true, "the row holds other values than the changeset expects"),
  /** There is no row with that key. */
  NOTFOUND("notfound", false, "there is no such row"),
  /** There is a row with the key of the one to be inserted. */
  CONFLICT("conflict", true, "there is a row with that key already"),
  /** Another constraint forbids it, or a trigger does. */
  CONSTRAINT("constraint", false, "a constraint of the table or a trigger forbids it"),
  /** Everything is applied, and foreign keys are left without their parent rows. */
  FOREIGN_KEY("foreign-key", false, "foreign keys would be left without their parent rows");

  private final String id;
  private final boolean replaceable;
  private final String reason;

  ConflictKind(String id, boolean replaceable, String reason) {
    this.id = id;
    this.replaceable = replaceable;
    this.reason = reason;
  }

  /** Its name on command lines and in JSON. */
  public String id() {
    return id;
  }

  /** Whether {@link Resolution#REPLACE} is possible. */
  public boolean replaceable() {
    return replaceable;
  }

  /** What it means, as a clause. */
  public String reason() {
    return reason;
  }
}
