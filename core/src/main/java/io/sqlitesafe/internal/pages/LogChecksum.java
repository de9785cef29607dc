package io.sqlitesafe.internal.pages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The checksum of a write-ahead log, over everything from its beginning (sqlite.org/fileformat2,
 * section 4.2). For one thread.
 */
public final class LogChecksum {
  private final ByteOrder order;
  private int first;
  private int second;

  /**
   * @param magic the first four bytes of the log, which say how words are to be read
   */
  public LogChecksum(int magic) {
    order = (magic & 1) == 1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** Whether these are the first four bytes of a log. */
  public static boolean isMagic(int magic) {
    return (magic & ~1) == 0x377f0682;
  }

  /** Adds bytes, a multiple of eight; the buffer is left as it is. */
  public void add(ByteBuffer from, int start, int length) {
    ByteBuffer words = from.duplicate().order(order);
    for (int at = start; at < start + length; at += 8) {
      first += words.getInt(at) + second;
      second += words.getInt(at + 4) + first;
    }
  }

  /** Whether the eight bytes there say the same; they are always in the same order. */
  public boolean is(ByteBuffer stored, int at) {
    return stored.getInt(at) == first && stored.getInt(at + 4) == second;
  }
}
