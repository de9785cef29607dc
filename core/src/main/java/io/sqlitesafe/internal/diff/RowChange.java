package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import org.jspecify.annotations.Nullable;

/** Makes changes out of what a row was and what it is. */
public final class RowChange {
  private RowChange() {}

  /**
   * Hands on what happened to one row, if anything did. Rows whose keys differ in storage class or
   * bytes are two rows.
   *
   * @param before all columns, or null where the row was not there
   * @param after all columns, or null where it is not there
   */
  public static void emit(
      TableHeader table, Value @Nullable [] before, Value @Nullable [] after, ChangeSink sink) {
    if (before != null && after != null) {
      if (sameKey(table, before, after)) {
        update(table, before, after, sink);
        return;
      }
    }
    if (before != null) {
      sink.change(Change.delete(before));
    }
    if (after != null) {
      sink.change(Change.insert(after));
    }
  }

  /** As {@link #emit}, for threads that share the sink, and with it the table it was told last. */
  static void emitShared(
      TableHeader table, Value @Nullable [] before, Value @Nullable [] after, ChangeSink sink) {
    synchronized (sink) {
      sink.table(table);
      emit(table, before, after, sink);
    }
  }

  static boolean sameKey(TableHeader table, Value[] before, Value[] after) {
    for (int i = 0; i < before.length; i++) {
      if (table.isKey(i) && !before[i].isUnchanged(after[i])) {
        return false;
      }
    }
    return true;
  }

  private static void update(TableHeader table, Value[] before, Value[] after, ChangeSink sink) {
    Value[] old = new Value[before.length];
    Value[] now = new Value[before.length];
    boolean changed = false;
    for (int i = 0; i < before.length; i++) {
      boolean different = !table.isKey(i) && !before[i].isUnchanged(after[i]);
      changed |= different;
      old[i] = different || table.isKey(i) ? before[i] : Value.UNDEFINED;
      now[i] = different ? after[i] : Value.UNDEFINED;
    }
    if (changed) {
      sink.change(Change.update(old, now));
    }
  }
}
