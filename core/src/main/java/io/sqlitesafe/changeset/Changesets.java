package io.sqlitesafe.changeset;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;

/** What can be done with changesets alone, without a database. No state. */
public final class Changesets {
  private Changesets() {}

  /**
   * Turns a changeset into the one that undoes it, in the same order and in constant memory. Twice
   * is the identity, but for sections without changes, which are left out.
   *
   * @throws SqliteSafeException {@link ErrorKind#USAGE} for a patchset
   */
  public static void invert(ChangesetReader in, ChangeSink out) {
    in.transferTo(new Inversion(in, out));
  }

  private record Inversion(ChangesetReader in, ChangeSink out) implements ChangeSink {
    @Override
    public void table(TableHeader table) {
      if (in.format() == Format.PATCHSET) {
        throw notInvertible(in.name());
      }
      out.table(table);
    }

    @Override
    public void change(Change change) {
      out.change(invert(in.table(), change));
    }
  }

  static SqliteSafeException notInvertible(String name) {
    return new SqliteSafeException(
        ErrorKind.USAGE,
        name + " is a patchset, which does not say what was there before",
        "only a changeset can be inverted");
  }

  /** The change that undoes this one of a changeset. */
  static Change invert(TableHeader table, Change change) {
    return switch (change.operation()) {
      case INSERT ->
          Change.of(Operation.DELETE, change.indirect(), change.afterUncopied(), new Value[0]);
      case DELETE ->
          Change.of(Operation.INSERT, change.indirect(), new Value[0], change.beforeUncopied());
      case UPDATE -> {
        Value[] before = change.afterUncopied().clone();
        Value[] after = change.beforeUncopied().clone();
        for (int column : table.keyColumnsUncopied()) {
          before[column] = change.before(column);
          after[column] = Value.UNDEFINED;
        }
        yield Change.of(Operation.UPDATE, change.indirect(), before, after);
      }
    };
  }
}
