package io.sqlitesafe.internal.pages;

/**
 * Numbers of the file format (sqlite.org/fileformat2.html, sections 1.6 and 2.1). Stateless, so
 * safe for use by any number of threads.
 */
public final class PageFormat {
  public static final int INDEX_INTERIOR = 2;
  public static final int TABLE_INTERIOR = 5;
  public static final int INDEX_LEAF = 10;
  public static final int TABLE_LEAF = 13;

  /** Pages have at least this room for content. */
  public static final int LEAST_USABLE = 480;

  private static final int MOST_VARINT = 9;

  /** No page holds this byte, which SQLite's locks are on (section 1.5). */
  private static final long LOCK_BYTE = 0x40000000;

  private PageFormat() {}

  /** A longer payload does not fit into its page. */
  public static int mostLocal(boolean table, int usable) {
    return table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
  }

  /** How much of a payload lies in its page, in bytes. */
  public static int local(long payload, boolean table, int usable) {
    int most = mostLocal(table, usable);
    if (payload <= most) {
      return (int) payload;
    }
    int least = (usable - 12) * 32 / 255 - 23;
    int local = (int) (least + (payload - least) % (usable - 4));
    return local <= most ? local : least;
  }

  /** How many bytes a value of this serial type takes; negative where there is no such type. */
  public static long size(long serialType) {
    if (serialType >= 12) {
      return (serialType - 12) / 2;
    }
    if (serialType < 0 || serialType > 9) {
      return -1;
    }
    return serialType <= 4 ? serialType : serialType == 5 ? 6 : serialType <= 7 ? 8 : 0;
  }

  /**
   * How many bytes the variable-length number at {@code place} takes, at most 9; 0 where it would
   * go beyond {@code end}.
   */
  public static int varintLength(byte[] bytes, int place, int end) {
    for (int i = 0; i < MOST_VARINT && place + i < end; i++) {
      if (i == MOST_VARINT - 1 || bytes[place + i] >= 0) {
        return i + 1;
      }
    }
    return 0;
  }

  /** The number of this {@link #varintLength}: seven bits a byte, and eight of the ninth. */
  public static long varint(byte[] bytes, int place, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      int b = bytes[place + i];
      value = i == MOST_VARINT - 1 ? value << 8 | (b & 0xff) : value << 7 | (b & 0x7f);
    }
    return value;
  }

  /** The page that is never used. */
  public static long lockPage(int pageSize) {
    return LOCK_BYTE / pageSize + 1;
  }

  /** Whether pages can have this size. */
  public static boolean isPageSize(int size) {
    return size >= 512 && size <= 65536 && Integer.bitCount(size) == 1;
  }
}
