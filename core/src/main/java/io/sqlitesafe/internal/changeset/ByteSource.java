package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Bytes in order, with the offset of the next one for messages. Whatever length the bytes claim for
 * something, no more memory is taken than has really been read (or, of a file, is left to read).
 */
public final class ByteSource implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final int UNCHECKED = 1 << 16;

  private final String name;
  private final InputStream in;
  private final long size;
  private final byte[] buffer;
  private long bufferStart;
  private int next;
  private int limit;

  /**
   * A source.
   *
   * @param size how many bytes there are, or -1 if that is not known
   */
  public ByteSource(String name, InputStream in, long size) {
    this(name, in, size, BUFFER);
  }

  public ByteSource(String name, InputStream in, long size, int bufferSize) {
    this.name = name;
    this.in = in;
    this.size = size;
    this.buffer = new byte[bufferSize];
  }

  /** Over bytes that need no buffer. */
  public ByteSource(String name, byte[] bytes) {
    this.name = name;
    this.in = new ByteArrayInputStream(new byte[0]);
    this.size = bytes.length;
    this.buffer = bytes;
    this.limit = bytes.length;
  }

  public String name() {
    return name;
  }

  /** Of the next byte. */
  public long offset() {
    return bufferStart + next;
  }

  /** The next byte, or -1 at the end. */
  public int read() {
    return next < limit || fill() ? buffer[next++] & 0xff : -1;
  }

  public int require(String what) {
    int b = read();
    if (b < 0) {
      throw truncated(what);
    }
    return b;
  }

  private boolean fill() {
    bufferStart += limit;
    next = 0;
    limit = 0;
    try {
      limit = Math.max(0, in.read(buffer, 0, buffer.length));
    } catch (IOException e) {
      throw Malformed.unreadable(name, e);
    }
    return limit > 0;
  }

  long int64(String what) {
    if (limit - next >= 8) {
      long value = 0;
      for (int i = 0; i < 8; i++) {
        value = value << 8 | (buffer[next++] & 0xff);
      }
      return value;
    }
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | require(what);
    }
    return value;
  }

  /**
   * SQLite's varint (sqlite.org/fileformat2.html, section 1.6), which must not exceed {@code max}.
   */
  public int varint(int max, String what) {
    long start = offset();
    long value = 0;
    for (int i = 0; i < 9; i++) {
      int b = require(what);
      if (i == 8) {
        value = value << 8 | b;
        break;
      }
      value = value << 7 | (b & 0x7f);
      if (b < 0x80) {
        break;
      }
    }
    if (value < 0 || value > max) {
      throw Malformed.at(name, start, what + " is " + Long.toUnsignedString(value));
    }
    return (int) value;
  }

  /** The next {@code length} bytes. */
  public byte[] bytes(int length, String what) {
    if (length <= limit - next) {
      byte[] bytes = Arrays.copyOfRange(buffer, next, next + length);
      next += length;
      return bytes;
    }
    long start = offset();
    if (size >= 0 && length > size - start) {
      throw truncated(what + " of " + length + " bytes");
    }
    try {
      return size >= 0 || length <= UNCHECKED
          ? into(new byte[length], 0, length, what)
          : growing(length, what);
    } catch (OutOfMemoryError e) {
      // An array that does not fit leaves the heap as it was, so this one may be caught.
      throw Malformed.tooLarge(name, start, length, e);
    }
  }

  private byte[] growing(int length, String what) {
    byte[] bytes = into(new byte[UNCHECKED], 0, length, what);
    while (bytes.length < length) {
      int have = bytes.length;
      bytes = into(Arrays.copyOf(bytes, (int) Math.min(length, have * 2L)), have, length, what);
    }
    return bytes;
  }

  private byte[] into(byte[] bytes, int from, int claimed, String what) {
    int at = from;
    while (at < bytes.length) {
      if (next == limit && !fill()) {
        throw truncated(what + " of " + claimed + " bytes");
      }
      int part = Math.min(limit - next, bytes.length - at);
      System.arraycopy(buffer, next, bytes, at, part);
      next += part;
      at += part;
    }
    return bytes;
  }

  private SqliteSafeException truncated(String what) {
    return Malformed.at(name, size >= 0 ? size : offset(), "it ends inside " + what);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw Malformed.unreadable(name, e);
    }
  }
}
