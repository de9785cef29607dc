package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.pages.PageFormat;
import java.util.Arrays;

/**
 * One record (sqlite.org/fileformat2.html, section 2.1), taken apart without belief in any of its
 * numbers. Used again for one record after the other. For one thread.
 */
final class RecordView {
  /** SQLite cannot be built for more columns. */
  static final int MOST_FIELDS = 32767;

  byte[] bytes = {};
  int count;
  long[] types;
  int[] starts;

  /** Where a varint ended. */
  private int at;

  RecordView() {
    this(32);
  }

  private RecordView(int fields) {
    types = new long[fields + 1];
    starts = new int[fields + 1];
  }

  /**
   * Takes a record apart.
   *
   * @return whether it is one: its head and its values fill it to the last byte
   */
  boolean parse(byte[] from, int start, int end) {
    return parse(from, start, end, end - start) && starts[count] == end;
  }

  /**
   * Takes apart the beginning of a record, of which some bytes may be elsewhere or lost.
   *
   * @param whole its length
   * @return whether the head is there and right; then {@link #starts} may lie beyond {@code end}
   */
  boolean parse(byte[] from, int start, int end, long whole) {
    bytes = from;
    count = 0;
    long head = varint(from, start, end);
    if (head < 1 || head > end - start || head > whole) {
      return false;
    }
    int headEnd = start + (int) head;
    long body = headEnd;
    int place = at;
    while (place < headEnd) {
      long type = varint(from, place, headEnd);
      long size = PageFormat.size(type);
      if (at < 0 || size < 0 || body + size > start + whole || count == MOST_FIELDS) {
        return false;
      }
      place = at;
      add(type, (int) body);
      body += size;
    }
    starts[count] = (int) body;
    return count > 0 && body == start + whole;
  }

  /** Takes apart a record whose length is known by its head only. */
  boolean parseByHead(byte[] from, int start, int end) {
    long head = varint(from, start, end);
    if (head < 2 || head > end - start) {
      return false;
    }
    long whole = head;
    for (int place = at; place < start + head; place = at) {
      long size = PageFormat.size(varint(from, place, start + (int) head));
      if (at < 0 || size < 0 || size > end) {
        return false;
      }
      whole += size;
    }
    return whole <= end - start && parse(from, start, start + (int) whole);
  }

  private void add(long type, int start) {
    if (count + 1 == starts.length) {
      types = Arrays.copyOf(types, count * 2 + 1);
      starts = Arrays.copyOf(starts, count * 2 + 1);
    }
    types[count] = type;
    starts[count++] = start;
  }

  private long varint(byte[] from, int start, int end) {
    int length = PageFormat.varintLength(from, start, end);
    at = length == 0 ? -1 : start + length;
    return length == 0 ? -1 : PageFormat.varint(from, start, length);
  }

  /** A copy that stays as it is, of this record's own bytes. */
  RecordView copy() {
    RecordView copy = new RecordView(count);
    int first = starts[0];
    copy.bytes = Arrays.copyOfRange(bytes, first, starts[count]);
    copy.count = count;
    for (int i = 0; i <= count; i++) {
      copy.types[i] = types[i];
      copy.starts[i] = starts[i] - first;
    }
    return copy;
  }

  int length(int field) {
    return starts[field + 1] - starts[field];
  }

  boolean isNull(int field) {
    return types[field] == 0;
  }

  boolean isText(int field) {
    return types[field] >= 13 && (types[field] & 1) == 1;
  }

  boolean isBlob(int field) {
    return types[field] >= 12 && (types[field] & 1) == 0;
  }

  boolean isReal(int field) {
    return types[field] == 7;
  }

  boolean isInteger(int field) {
    return types[field] >= 1 && types[field] <= 9 && types[field] != 7;
  }

  /** Of an INTEGER; of a REAL its bits. */
  long bits(int field) {
    if (types[field] >= 8) {
      return types[field] - 8;
    }
    int start = starts[field];
    long value = bytes[start];
    for (int i = start + 1; i < starts[field + 1]; i++) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  /** A copy of the bytes of a TEXT or BLOB, as they are stored. */
  byte[] content(int field) {
    return Arrays.copyOfRange(bytes, starts[field], starts[field + 1]);
  }

  /** Forgets the values from that field on. */
  void cut(int fields) {
    count = fields;
  }
}
