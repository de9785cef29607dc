package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.TableHeader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one table that have to wait, in order; beyond a few megabytes in a temporary file.
 * Once it was read, nothing may be added.
 */
final class RetryQueue implements AutoCloseable {
  private static final Operation[] OPERATIONS = Operation.values();
  private static final long IN_MEMORY = 16L << 20;

  private final TableHeader table;
  private final List<Change> first = new ArrayList<>();
  private long bytes;
  private int size;
  private @Nullable SpillFile spill;

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
    size++;
    if (spill == null) {
      bytes += SortedChange.length(change) + 64L * table.columns();
      if (bytes <= IN_MEMORY) {
        first.add(change);
        return;
      }
      spill = new SpillFile();
    }
    byte[] records = SortedChange.encode(change);
    byte[] head = new byte[6];
    head[0] = (byte) (change.operation().ordinal() * 2 + (change.indirect() ? 1 : 0));
    int length = Encoding.putVarint(head, 1, records.length);
    spill.append(head, length);
    spill.append(records, records.length);
  }

  /** What to do with a change; returns whether to go on. */
  interface Visitor {
    boolean visit(int index, Change change) throws SQLException;
  }

  void forEach(Visitor visitor) throws SQLException {
    for (int i = 0; i < first.size(); i++) {
      if (!visitor.visit(i, first.get(i))) {
        return;
      }
    }
    if (spill == null) {
      return;
    }
    ByteSource in = new ByteSource(spill.name(), spill.stream(0, spill.end()), spill.end());
    for (int i = first.size(); i < size; i++) {
      int flags = in.require("a change");
      byte[] records = in.bytes(in.varint(Integer.MAX_VALUE, "a change"), "a change");
      Operation operation = OPERATIONS[flags / 2];
      if (!visitor.visit(i, SortedChange.decode(table, operation, flags % 2 == 1, records))) {
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
