package io.sqlitesafe.changeset;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one table that have to wait, in order; beyond a few megabytes in a temporary file.
 * Once it was read, nothing may be added.
 */
final class RetryQueue implements AutoCloseable {
  private static final long IN_MEMORY = 16L << 20;

  private final TableHeader table;
  private final List<Waiting> first = new ArrayList<>();
  private long bytes;
  private int size;
  private @Nullable SpillFile spill;

  /** {@code at} is the place in the spill file where {@code records} is null. */
  private record Waiting(
      Operation operation, boolean indirect, byte @Nullable [] records, long at, int length) {}

  RetryQueue(TableHeader table) {
    this.table = table;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(Change change) {
    byte[] records = SortedChange.encode(change);
    bytes += records.length;
    long at = -1;
    if (bytes > IN_MEMORY) {
      spill = spill == null ? new SpillFile() : spill;
      at = spill.append(records, records.length);
    }
    first.add(
        new Waiting(
            change.operation(), change.indirect(), at < 0 ? records : null, at, records.length));
    size++;
  }

  /** What to do with a change; returns whether to go on. */
  interface Visitor {
    boolean visit(int index, Change change) throws SQLException;
  }

  void forEach(Visitor visitor) throws SQLException {
    for (int i = 0; i < size; i++) {
      Waiting waiting = first.get(i);
      byte[] records = waiting.records;
      if (records == null) {
        if (spill == null) {
          throw new IllegalStateException("spilled to nowhere");
        }
        records = spill.read(waiting.at, waiting.length);
      }
      Change change = SortedChange.decode(table, waiting.operation, waiting.indirect, records);
      if (!visitor.visit(i, change)) {
        return;
      }
    }
  }

  @Override
  public void close() {
    if (spill != null) {
      spill.close();
    }
  }
}
