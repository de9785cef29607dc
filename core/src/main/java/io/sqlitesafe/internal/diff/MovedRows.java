package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import org.jspecify.annotations.Nullable;

/**
 * Rows of both files that lie elsewhere than they did, if they did at all: in the end they are put
 * together by their keys. In bounded memory. Safe for several threads until then.
 */
final class MovedRows implements AutoCloseable {
  private final ChangeSorter rows = new ChangeSorter(ChangeSorter.Order.BY_ROW);

  /** A row of the baseline. */
  void was(TableHeader table, Value[] row) throws Unexpected {
    add(table, row, Change.delete(row));
  }

  /** A row of the database. */
  void is(TableHeader table, Value[] row) throws Unexpected {
    add(table, row, Change.insert(row));
  }

  private void add(TableHeader table, Value[] row, Change change) throws Unexpected {
    for (int column : table.keyColumns()) {
      // 0.0 and -0.0 are one key, but not the same bytes.
      if (row[column].kind() == Value.Kind.REAL
          && row[column].real() == 0
          && !row[column].equals(Value.real(0))) {
        throw new Unexpected("a key is -0.0");
      }
    }
    synchronized (this) {
      rows.table(table);
      rows.change(change);
    }
  }

  /** Hands on what happened to them. */
  void transferTo(ChangeSink sink) {
    Pairs pairs = new Pairs(sink);
    rows.transferTo(pairs);
    pairs.flush();
  }

  /** Takes both rows of a key, one after the other. */
  private static final class Pairs implements ChangeSink {
    private final ChangeSink out;
    private @Nullable TableHeader table;
    private @Nullable Change held;

    Pairs(ChangeSink out) {
      this.out = out;
    }

    @Override
    public void table(TableHeader next) {
      flush();
      table = next;
      out.table(next);
    }

    @Override
    public void change(Change change) {
      TableHeader of = table;
      if (of == null) {
        throw new IllegalStateException("no table announced");
      }
      if (held != null && held.operation() != change.operation() && sameKey(of, held, change)) {
        boolean first = held.operation() == Operation.DELETE;
        Change before = first ? held : change;
        Change after = first ? change : held;
        held = null;
        RowChange.emit(of, row(of, before), row(of, after), out);
      } else {
        flush();
        held = change;
      }
    }

    private static boolean sameKey(TableHeader table, Change a, Change b) {
      for (int column : table.keyColumns()) {
        if (!a.key(column).equals(b.key(column))) {
          return false;
        }
      }
      return true;
    }

    private static Value[] row(TableHeader table, Change change) {
      Value[] row = new Value[table.columns()];
      for (int i = 0; i < row.length; i++) {
        row[i] = change.operation() == Operation.INSERT ? change.after(i) : change.before(i);
      }
      return row;
    }

    void flush() {
      if (held != null) {
        out.change(held);
        held = null;
      }
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
