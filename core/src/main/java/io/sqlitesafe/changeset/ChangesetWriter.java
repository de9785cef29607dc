package io.sqlitesafe.changeset;

import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.changeset.Encoding;
import io.sqlitesafe.internal.changeset.Malformed;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a changeset or patchset in the order in which changes come; a {@link ChangeSorter} before
 * it makes the order canonical. A patchset can be made of a changeset's changes: what it does not
 * hold is left out. Not thread-safe.
 */
public final class ChangesetWriter implements ChangeSink, AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int LONGEST_HEAD = 10;

  private final OutputStream out;
  private final String name;
  private final Format format;
  private final byte[] buffer = new byte[BUFFER];
  private int used;
  private long written;
  private @Nullable TableHeader table;
  private @Nullable TableHeader section;
  private long tables;
  private final long[] counts = new long[Operation.values().length];

  /**
   * A writer.
   *
   * @param out closed with it
   * @param name for messages
   */
  public ChangesetWriter(OutputStream out, String name, Format format) {
    this.out = out;
    this.name = name;
    this.format = format;
  }

  @Override
  public void table(TableHeader next) {
    table = next;
  }

  @Override
  public void change(Change change) {
    TableHeader of = table;
    if (of == null) {
      throw new IllegalStateException("no table announced");
    }
    if (!of.equals(section)) {
      section = of;
      tables++;
      put(Encoding.header(format, of));
    }
    counts[change.operation().ordinal()]++;
    put(change.operation().code());
    put(change.indirect() ? 1 : 0);
    boolean patchset = format == Format.PATCHSET;
    switch (change.operation()) {
      case INSERT -> record(change.afterUncopied());
      case DELETE -> {
        if (patchset) {
          for (int column : of.keyColumnsUncopied()) {
            put(change.before(column));
          }
        } else {
          record(change.beforeUncopied());
        }
      }
      case UPDATE -> {
        if (!patchset) {
          record(change.beforeUncopied());
        }
        for (int i = 0; i < of.columns(); i++) {
          put(patchset && of.isKey(i) ? change.before(i) : change.after(i));
        }
      }
    }
  }

  private void record(Value[] values) {
    for (Value value : values) {
      put(value);
    }
  }

  private void put(int b) {
    if (used == BUFFER) {
      flushRun();
    }
    buffer[used++] = (byte) b;
  }

  private void put(Value value) {
    if (BUFFER - used < LONGEST_HEAD) {
      flushRun();
    }
    used = Encoding.putHead(buffer, used, value);
    put(value.bytes());
  }

  private void put(byte[] bytes) {
    if (bytes.length > BUFFER - used) {
      flushRun();
    }
    if (bytes.length > BUFFER) {
      write(bytes, bytes.length);
    } else {
      System.arraycopy(bytes, 0, buffer, used, bytes.length);
      used += bytes.length;
    }
  }

  private void flushRun() {
    write(buffer, used);
    used = 0;
  }

  private void write(byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
      written += length;
    } catch (IOException e) {
      throw Malformed.unwritable(name, e);
    }
  }

  /** What was written so far. */
  public ChangeCounts counts() {
    return new ChangeCounts(
        tables,
        counts[Operation.INSERT.ordinal()],
        counts[Operation.UPDATE.ordinal()],
        counts[Operation.DELETE.ordinal()],
        written + used);
  }

  /** Hands everything to the stream, and flushes it. */
  public void flush() {
    flushRun();
    try {
      out.flush();
    } catch (IOException e) {
      throw Malformed.unwritable(name, e);
    }
  }

  /** Flushes and closes the stream. */
  @Override
  public void close() {
    try (OutputStream closing = out) {
      flushRun();
    } catch (IOException e) {
      throw Malformed.unwritable(name, e);
    }
  }
}
