package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import org.jspecify.annotations.Nullable;

/**
 * Two changes of one row, one after the other, as one. The table of sqlite.org's
 * sqlite3changegroup_add; where the second is impossible after the first, the first stays.
 */
public final class ChangeMerge {
  private ChangeMerge() {}

  /** The one change, or null where nothing is left of them. */
  public static @Nullable Change merge(
      TableHeader table, boolean patchset, Change first, Change second) {
    boolean indirect = first.indirect() && second.indirect();
    return switch (first.operation()) {
      case INSERT ->
          switch (second.operation()) {
            case INSERT -> first;
            case UPDATE ->
                Change.insert(either(table, second.afterUncopied(), first.afterUncopied()))
                    .withIndirect(indirect);
            case DELETE -> null;
          };
      case UPDATE ->
          switch (second.operation()) {
            case INSERT -> first;
            case UPDATE ->
                update(
                    table,
                    patchset,
                    indirect,
                    either(table, first.beforeUncopied(), second.beforeUncopied()),
                    either(table, second.afterUncopied(), first.afterUncopied()));
            case DELETE ->
                Change.delete(
                        patchset
                            ? second.beforeUncopied()
                            : either(table, first.beforeUncopied(), second.beforeUncopied()))
                    .withIndirect(indirect);
          };
      case DELETE ->
          second.operation() == Operation.INSERT
              ? update(table, patchset, indirect, first.beforeUncopied(), second.afterUncopied())
              : first;
    };
  }

  /** Each value of {@code wanted} where it is defined, else of {@code otherwise}. */
  public static Value[] either(TableHeader table, Value[] wanted, Value[] otherwise) {
    Value[] values = new Value[table.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = wanted[i].isDefined() ? wanted[i] : otherwise[i];
    }
    return values;
  }

  /** An UPDATE of what differs; of nothing, in a changeset, it is none. */
  private static @Nullable Change update(
      TableHeader table, boolean patchset, boolean indirect, Value[] before, Value[] after) {
    Value[] old = Encoding.undefined(table.columns());
    Value[] now = Encoding.undefined(table.columns());
    boolean changes = patchset;
    for (int i = 0; i < old.length; i++) {
      if (table.isKey(i)) {
        old[i] = before[i];
      } else if (patchset) {
        now[i] = after[i];
      } else if (!before[i].equals(after[i])) {
        old[i] = before[i];
        now[i] = after[i];
        changes = true;
      }
    }
    return changes ? Change.update(old, now).withIndirect(indirect) : null;
  }
}
