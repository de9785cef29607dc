package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A change on its way through a sort: what it is ordered by, and its records as bytes, which lie in
 * the spill file where they are large.
 *
 * @param table index into the sorter's list of tables
 * @param marked a mark of the sorter's user, which orders nothing
 * @param key {@link Encoding#key}
 * @param records null where they are in the spill file, at {@code at}
 */
record SortedChange(
    int table,
    Operation operation,
    boolean indirect,
    boolean marked,
    byte[] key,
    byte @Nullable [] records,
    long at,
    int length) {
  static long length(Change change) {
    long length = 0;
    for (Value value : change.beforeUncopied()) {
      length += Encoding.length(value);
    }
    for (Value value : change.afterUncopied()) {
      length += Encoding.length(value);
    }
    return length;
  }

  /** Both records, whatever the operation needs of them, in the form of a changeset. */
  static byte[] encode(Change change) {
    byte[] bytes = Malformed.allocate(length(change));
    int at = 0;
    for (Value value : change.beforeUncopied()) {
      at = Encoding.put(bytes, at, value);
    }
    for (Value value : change.afterUncopied()) {
      at = Encoding.put(bytes, at, value);
    }
    return bytes;
  }

  static Change decode(TableHeader table, Operation operation, boolean indirect, byte[] records) {
    ByteSource in = new ByteSource("a sorted change", records);
    Value[] before = new Value[operation == Operation.INSERT ? 0 : table.columns()];
    Value[] after = new Value[operation == Operation.DELETE ? 0 : table.columns()];
    Arrays.setAll(before, i -> Encoding.value(in));
    Arrays.setAll(after, i -> Encoding.value(in));
    return Change.of(operation, indirect, before, after);
  }

  /** Roughly, with the objects around it. */
  long memory() {
    return 120L + key.length + (records == null ? 0 : records.length);
  }
}
