package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.ChangeSink;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts changes that come in any order into another one, in bounded memory: beyond a few megabytes
 * they go through a temporary file. Equal ones keep their order. Not thread-safe.
 *
 * <p>The canonical order is: tables by the bytes of their names; DELETE, UPDATE, INSERT; each by
 * the bytes of the encoded key values, in column order. It means nothing to SQLite, but the same
 * changes give the same bytes, and deleted rows make room before others are inserted.
 */
public final class ChangeSorter implements ChangeSink, AutoCloseable {
  /** What the changes are ordered by. */
  public enum Order {
    /** Table, operation, key. */
    CANONICAL,
    /** Table, key; whatever happened to one row comes together, in the order in which it came. */
    BY_ROW
  }

  private static final long MOST_MEMORY = 64L << 20;
  private static final int LARGE = 1 << 14;

  /** Each needs a buffer when they are merged; beyond that all of them become one. */
  private static final int MOST_RUNS = 64;

  /** A hostile file could else fill the memory with names of tables. */
  private static final int MOST_TABLES = 100_000;

  private final Order order;
  private final long budget;
  private final List<TableHeader> tables = new ArrayList<>();
  private final Map<TableHeader, Integer> numbers = new HashMap<>();
  private final List<SortedChange> pending = new ArrayList<>();
  private final List<long[]> runs = new ArrayList<>();
  private @Nullable SpillFile spill;
  private long pendingBytes;
  private int current = -1;
  private boolean marking;

  /** In the canonical order. */
  public ChangeSorter() {
    this(Order.CANONICAL);
  }

  public ChangeSorter(Order order) {
    this(order, Math.min(MOST_MEMORY, Runtime.getRuntime().maxMemory() / 8));
  }

  /**
   * A sorter.
   *
   * @param budget bytes of memory, roughly
   */
  ChangeSorter(Order order, long budget) {
    this.order = order;
    this.budget = budget;
  }

  /** From now on changes are marked, or are not. */
  public void mark(boolean value) {
    marking = value;
  }

  @Override
  public void table(TableHeader table) {
    Integer known = numbers.get(table);
    if (known == null) {
      if (tables.size() == MOST_TABLES) {
        throw new SqliteSafeException(
            ErrorKind.FAILED, "there are changes of more than " + MOST_TABLES + " tables", null);
      }
      known = tables.size();
      tables.add(table);
      numbers.put(table, known);
    }
    current = known;
  }

  @Override
  public void change(Change change) {
    byte[] key = Encoding.key(tables.get(current), change);
    byte[] records = SortedChange.encode(change);
    long at = -1;
    if (records.length > LARGE) {
      at = spill().append(records, records.length);
    }
    SortedChange sorted =
        new SortedChange(
            current,
            change.operation(),
            change.indirect(),
            marking,
            key,
            at < 0 ? records : null,
            at,
            records.length);
    pending.add(sorted);
    pendingBytes += sorted.memory();
    if (pendingBytes > budget) {
      writeRun();
    }
  }

  private void writeRun() {
    if (runs.size() == MOST_RUNS) {
      SortRun.Writer all = new SortRun.Writer(spill());
      merge(all::add);
      runs.clear();
      runs.add(all.finish());
    }
    SortRun.Writer run = new SortRun.Writer(spill());
    sortedPending().forEach(run::add);
    runs.add(run.finish());
    pending.clear();
    pendingBytes = 0;
  }

  private SpillFile spill() {
    if (spill == null) {
      spill = new SpillFile();
    }
    return spill;
  }

  private List<SortedChange> sortedPending() {
    pending.sort(comparator());
    return pending;
  }

  private Comparator<SortedChange> comparator() {
    Integer[] byName = new Integer[tables.size()];
    Arrays.setAll(byName, i -> i);
    Arrays.sort(byName, Comparator.comparing(tables::get));
    int[] rank = new int[byName.length];
    for (int i = 0; i < rank.length; i++) {
      rank[byName[i]] = i;
    }
    boolean canonical = order == Order.CANONICAL;
    return (a, b) -> {
      if (a.table() != b.table()) {
        return Integer.compare(rank[a.table()], rank[b.table()]);
      }
      if (canonical && a.operation() != b.operation()) {
        return a.operation().compareTo(b.operation());
      }
      return Arrays.compareUnsigned(a.key(), b.key());
    };
  }

  /** Hands everything on in order, once; afterwards there is only {@link #close}. */
  public void transferTo(ChangeSink sink) {
    transferTo(
        new MarkedSink() {
          private @Nullable TableHeader announced;

          @Override
          public void change(TableHeader table, Change change, boolean marked) {
            if (table != announced) {
              announced = table;
              sink.table(table);
            }
            sink.change(change);
          }
        });
  }

  /** Takes changes with their mark. */
  public interface MarkedSink {
    void change(TableHeader table, Change change, boolean marked);
  }

  /** As {@link #transferTo(ChangeSink)}; one table comes as one and the same object. */
  public void transferTo(MarkedSink sink) {
    if (runs.isEmpty()) {
      sortedPending().forEach(sorted -> deliver(sorted, sink));
      return;
    }
    writeRun();
    merge(sorted -> deliver(sorted, sink));
  }

  /** All runs as one. */
  private void merge(Consumer<SortedChange> to) {
    PriorityQueue<SortRun> heads =
        new PriorityQueue<>(
            Comparator.comparing(SortRun::head, comparator()).thenComparingInt(SortRun::number));
    for (int i = 0; i < runs.size(); i++) {
      SortRun run = new SortRun(spill(), i, runs.get(i));
      if (run.advance()) {
        heads.add(run);
      }
    }
    for (SortRun run = heads.poll(); run != null; run = heads.poll()) {
      to.accept(run.head());
      if (run.advance()) {
        heads.add(run);
      }
    }
  }

  private void deliver(SortedChange sorted, MarkedSink sink) {
    TableHeader table = tables.get(sorted.table());
    byte[] records = sorted.records();
    if (records == null) {
      records = spill().read(sorted.at(), sorted.length());
    }
    Change change = SortedChange.decode(table, sorted.operation(), sorted.indirect(), records);
    sink.change(table, change, sorted.marked());
  }

  @Override
  public void close() {
    if (spill != null) {
      spill.close();
    }
  }
}
