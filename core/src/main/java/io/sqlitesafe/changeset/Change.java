package io.sqlitesafe.changeset;

import java.util.Arrays;

/**
 * What happened to one row. Immutable, provided that nobody writes into the arrays it was made of,
 * which are not copied.
 *
 * <p>An INSERT has all new values. A DELETE has all old values, in a patchset those of the key
 * only. An UPDATE has as old values those of the key and, except in a patchset, of the changed
 * columns, as new values those of the changed columns; a changed key is a DELETE and an INSERT.
 * Everything else is {@link Value#UNDEFINED}.
 */
public final class Change {
  private static final Value[] NONE = {};

  private final Operation operation;
  private final boolean indirect;
  private final Value[] before;
  private final Value[] after;

  private Change(Operation operation, boolean indirect, Value[] before, Value[] after) {
    this.operation = operation;
    this.indirect = indirect;
    this.before = before;
    this.after = after;
  }

  public static Change insert(Value... after) {
    return new Change(Operation.INSERT, false, NONE, after);
  }

  public static Change delete(Value... before) {
    return new Change(Operation.DELETE, false, before, NONE);
  }

  public static Change update(Value[] before, Value[] after) {
    return new Change(Operation.UPDATE, false, before, after);
  }

  /**
   * The same, marked as made by a trigger or foreign-key action; in a rebase file the mark means
   * that the conflict was resolved by REPLACE.
   */
  public Change withIndirect(boolean value) {
    return value == indirect ? this : new Change(operation, value, before, after);
  }

  public static Change of(Operation operation, boolean indirect, Value[] before, Value[] after) {
    return new Change(operation, indirect, before, after);
  }

  public Operation operation() {
    return operation;
  }

  public boolean indirect() {
    return indirect;
  }

  /** What the column held before; UNDEFINED where the change does not say. */
  public Value before(int column) {
    return column < before.length ? before[column] : Value.UNDEFINED;
  }

  /** What the column holds after; UNDEFINED where it is unchanged or the change does not say. */
  public Value after(int column) {
    return column < after.length ? after[column] : Value.UNDEFINED;
  }

  /** A value of the primary key. */
  public Value key(int column) {
    return operation == Operation.INSERT ? after(column) : before(column);
  }

  public Value[] beforeUncopied() {
    return before;
  }

  public Value[] afterUncopied() {
    return after;
  }

  @Override
  public String toString() {
    return operation + " " + Arrays.toString(before) + " -> " + Arrays.toString(after);
  }
}
