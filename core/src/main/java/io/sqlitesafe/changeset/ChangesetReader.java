package io.sqlitesafe.changeset;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ByteSource;
import io.sqlitesafe.internal.changeset.Encoding;
import io.sqlitesafe.internal.changeset.Malformed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a changeset or patchset, one change at a time; memory does not grow with the file, only
 * with its largest row. Not thread-safe.
 *
 * <p>The bytes may be anybody's: whatever they hold, the outcome is a change, the end, or a {@link
 * SqliteSafeException} with the offset of what is wrong. No bytes at all are a changeset without
 * changes, as SQLite itself makes it. Stricter than SQLite in what would make no sense, an INSERT
 * with undefined values.
 */
public final class ChangesetReader implements AutoCloseable {
  /** SQLite's own upper bound of SQLITE_MAX_COLUMN (sqlite.org/limits.html). */
  private static final int MAX_COLUMNS = 32767;

  private static final int MAX_NAME = 1 << 20;

  private final ByteSource in;
  private @Nullable Format format;
  private @Nullable TableHeader table;
  private long start;
  private boolean partial;
  private Cancellation cancellation = new Cancellation();

  private ChangesetReader(ByteSource in) {
    this.in = in;
  }

  public static ChangesetReader open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException("it is a directory");
      }
      InputStream stream = Files.newInputStream(file);
      long size = Files.isRegularFile(file) ? Files.size(file) : -1;
      return new ChangesetReader(new ByteSource(file.toString(), stream, size));
    } catch (IOException e) {
      throw Malformed.unreadable(file.toString(), e);
    }
  }

  /** Reads a stream of unknown length, and closes it in the end. */
  public static ChangesetReader of(InputStream stream, String name) {
    return new ChangesetReader(new ByteSource(name, stream, -1));
  }

  public static ChangesetReader of(byte[] bytes, String name) {
    return new ChangesetReader(new ByteSource(name, bytes));
  }

  /** Stops at the next change upon a request of {@code value}; returns this. */
  public ChangesetReader stoppedBy(Cancellation value) {
    cancellation = value;
    return this;
  }

  public Cancellation cancellation() {
    return cancellation;
  }

  /**
   * Accepts undefined values where a change needs them all, as a rebase file may have them; returns
   * this.
   */
  public ChangesetReader partial() {
    partial = true;
    return this;
  }

  /** The name that messages have for it. */
  public String name() {
    return in.name();
  }

  /** What kind of file it is; null as long as no table was read, so for ever in an empty one. */
  public @Nullable Format format() {
    return format;
  }

  /** The table of the last change. */
  public TableHeader table() {
    if (table == null) {
      throw new IllegalStateException("nothing was read yet");
    }
    return table;
  }

  /** Where in the file the last change begins. */
  public long offset() {
    return start;
  }

  /** The next change, or null at the end. */
  public @Nullable Change next() {
    cancellation.throwIfRequested();
    while (true) {
      start = in.offset();
      int first = in.read();
      switch (first) {
        case -1 -> {
          return null;
        }
        case 'T' -> header(Format.CHANGESET);
        case 'P' -> header(Format.PATCHSET);
        case 9, 18, 23 -> {
          return change(first);
        }
        default -> throw wrong("there is neither a table nor a change, but the byte " + first);
      }
    }
  }

  /** Hands all changes on. */
  public void transferTo(ChangeSink sink) {
    TableHeader announced = null;
    for (Change change = next(); change != null; change = next()) {
      if (table() != announced) { // a header of the file, also one that repeats
        announced = table();
        sink.table(announced);
      }
      sink.change(change);
    }
  }

  private SqliteSafeException wrong(String what) {
    return Malformed.at(in.name(), start, what);
  }

  private void header(Format found) {
    if (format != null && format != found) {
      throw wrong("a " + found.label() + " begins inside a " + format.label());
    }
    format = found;
    int columns = in.varint(MAX_COLUMNS, "the number of columns");
    byte[] keys = in.bytes(columns, "a table header");
    boolean hasKey = false;
    for (byte key : keys) {
      hasKey |= key != 0;
    }
    if (!hasKey) {
      throw wrong("a table has no primary key");
    }
    table = new TableHeader(tableName(), keys);
  }

  private String tableName() {
    byte[] name = new byte[64];
    int length = 0;
    for (int b = in.require("a table name"); b != 0; b = in.require("a table name")) {
      if (length == MAX_NAME) {
        throw wrong("a table name does not end");
      }
      if (length == name.length) {
        name = java.util.Arrays.copyOf(name, length * 2);
      }
      name[length++] = (byte) b;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(name, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw wrong("a table name is not UTF-8");
    }
  }

  private Change change(int code) {
    TableHeader of = table;
    if (of == null || format == null) {
      throw wrong("a change comes before any table");
    }
    boolean patchset = format == Format.PATCHSET;
    boolean indirect = in.require("a change") != 0;
    return switch (code) {
      case 18 -> Change.of(Operation.INSERT, indirect, new Value[0], complete(of));
      case 9 ->
          Change.of(
              Operation.DELETE, indirect, patchset ? keyOnly(of) : complete(of), new Value[0]);
      default -> update(of, indirect, patchset);
    };
  }

  private Value[] complete(TableHeader of) {
    Value[] values = new Value[of.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = partial && !of.isKey(i) ? Encoding.value(in) : defined();
    }
    return values;
  }

  private Value defined() {
    long at = in.offset();
    Value value = Encoding.value(in);
    if (!value.isDefined()) {
      throw Malformed.at(in.name(), at, "a value is undefined that the change needs");
    }
    return value;
  }

  private Value[] keyOnly(TableHeader of) {
    Value[] values = Encoding.undefined(of.columns());
    for (int column : of.keyColumnsUncopied()) {
      values[column] = defined();
    }
    return values;
  }

  private Change update(TableHeader of, boolean indirect, boolean patchset) {
    Value[] before = Encoding.undefined(of.columns());
    if (!patchset) {
      for (int i = 0; i < before.length; i++) {
        before[i] = of.isKey(i) ? defined() : Encoding.value(in);
      }
    }
    Value[] after = new Value[of.columns()];
    for (int i = 0; i < after.length; i++) {
      if (patchset && of.isKey(i)) {
        before[i] =
            defined(); // the one record of a patchset's UPDATE has the key among the new values
        after[i] = Value.UNDEFINED;
      } else {
        after[i] = Encoding.value(in);
      }
    }
    return Change.of(Operation.UPDATE, indirect, before, after);
  }

  @Override
  public void close() {
    in.close();
  }
}
