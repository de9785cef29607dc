package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.Value;
import org.jspecify.annotations.Nullable;

/** A sorted part of the spill file, read again from its start. */
final class SortRun {
  private static final Operation[] OPERATIONS = Operation.values();
  private static final int BUFFER = 1 << 16;

  /** There is one for each run. */
  private static final int READ_BUFFER = 1 << 14;

  private static final String WHAT = "a sorted run";

  private final int number;
  private final ByteSource in;
  private final long length;
  private @Nullable SortedChange head;

  /**
   * A run.
   *
   * @param place its start and its end in the file
   */
  SortRun(SpillFile spill, int number, long[] place) {
    this.number = number;
    this.length = place[1] - place[0];
    this.in = new ByteSource(spill.name(), spill.stream(place[0], place[1]), length, READ_BUFFER);
  }

  int number() {
    return number;
  }

  SortedChange head() {
    if (head == null) {
      throw new IllegalStateException("past the end of a run");
    }
    return head;
  }

  /** Writes one at the end of the file. */
  static final class Writer {
    private final SpillFile spill;
    private final long start;
    private byte[] buffer = new byte[BUFFER];
    private int used;

    Writer(SpillFile spill) {
      this.spill = spill;
      this.start = spill.end();
    }

    void add(SortedChange change) {
      byte[] records = change.records();
      int needed = 30 + change.key().length + (records == null ? 0 : records.length);
      if (needed > buffer.length - used) {
        spill.append(buffer, used);
        used = 0;
        buffer = needed > buffer.length ? new byte[needed] : buffer;
      }
      used = put(buffer, used, change);
    }

    /** Returns its place: start and end. */
    long[] finish() {
      spill.append(buffer, used);
      return new long[] {start, spill.end()};
    }
  }

  private static int flags(SortedChange change) {
    return change.operation().ordinal() << 2
        | (change.marked() ? 2 : 0)
        | (change.indirect() ? 1 : 0);
  }

  private static int put(byte[] to, int start, SortedChange change) {
    int at = Encoding.putVarint(to, start, change.table());
    to[at++] = (byte) flags(change);
    at = Encoding.putVarint(to, at, change.key().length);
    System.arraycopy(change.key(), 0, to, at, change.key().length);
    at = Encoding.putVarint(to, at + change.key().length, change.length());
    byte[] records = change.records();
    to[at++] = (byte) (records == null ? 1 : 0);
    if (records == null) {
      return Encoding.putHead(to, at, Value.integer(change.at()));
    }
    System.arraycopy(records, 0, to, at, records.length);
    return at + records.length;
  }

  /** Moves to the next change; false at the end. */
  boolean advance() {
    if (in.offset() == length) {
      head = null;
      return false;
    }
    int table = in.varint(Integer.MAX_VALUE, WHAT);
    int flags = in.require(WHAT);
    byte[] key = in.bytes(in.varint(Integer.MAX_VALUE, WHAT), WHAT);
    int size = in.varint(Integer.MAX_VALUE, WHAT);
    boolean elsewhere = in.require(WHAT) == 1;
    head =
        new SortedChange(
            table,
            OPERATIONS[flags >> 2],
            (flags & 1) != 0,
            (flags & 2) != 0,
            key,
            elsewhere ? null : in.bytes(size, WHAT),
            elsewhere ? Encoding.value(in).integer() : -1,
            size);
    return true;
  }
}
