package io.sqlitesafe.changeset;

import io.sqlitesafe.internal.changeset.ChangeMerge;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.changeset.Encoding;
import io.sqlitesafe.internal.changeset.TableNames;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes one changeset of several, applied one after the other: what happened to one row becomes one
 * change, or none (sqlite.org/session/sqlite3changegroup_add.html). In bounded memory, by way of
 * temporary files; the result is in canonical order. For one thread.
 */
public final class ChangesetConcat implements AutoCloseable {
  private final ChangeSorter rows = new ChangeSorter(ChangeSorter.Order.BY_ROW);
  private final ChangeSorter result = new ChangeSorter();
  private final TableNames names = new TableNames();

  /** Adds everything that {@code reader} has left. */
  public void add(ChangesetReader reader) {
    TableHeader announced = null;
    for (Change change = reader.next(); change != null; change = reader.next()) {
      if (reader.table() != announced) {
        announced = reader.table();
        rows.table(names.of(reader));
      }
      rows.change(change);
    }
  }

  /** What was added; null as long as that holds no change. */
  public @Nullable Format format() {
    return names.format();
  }

  /** Hands the result on, once. */
  public void transferTo(ChangeSink sink) {
    Merging merging = new Merging(result, names.format() == Format.PATCHSET);
    rows.transferTo(merging);
    merging.flush();
    result.transferTo(sink);
  }

  /** Takes changes by row, and hands on one for each. */
  private static final class Merging implements ChangeSorter.MarkedSink {
    private final ChangeSink out;
    private final boolean patchset;
    private @Nullable TableHeader table;
    private byte[] key = {};
    private @Nullable Change merged;

    Merging(ChangeSink out, boolean patchset) {
      this.out = out;
      this.patchset = patchset;
    }

    @Override
    public void change(TableHeader of, Change change, boolean marked) {
      byte[] next = Encoding.key(of, change);
      boolean same = of == table && Arrays.equals(next, key);
      if (!same) {
        flush();
        table = of;
        key = next;
      }
      merged = merged == null ? change : ChangeMerge.merge(of, patchset, merged, change);
    }

    void flush() {
      if (merged != null && table != null) {
        out.table(table);
        out.change(merged);
      }
      merged = null;
    }
  }

  @Override
  public void close() {
    rows.close();
    result.close();
  }
}
