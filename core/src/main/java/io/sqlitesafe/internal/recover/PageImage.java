package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.pages.PageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * The pages of a database file that may be damaged in any way: cut off anywhere, unreadable in
 * places. What a log or journal has comes before what the file has. For one thread, which may not
 * be interrupted ({@link io.sqlitesafe.internal.host.Undisturbed}).
 */
public final class PageImage {
  private static final int AHEAD = 1 << 18;

  /** What devices read at once; less of it cannot be told apart. */
  private static final int SECTOR = 512;

  private final FileChannel channel;
  private final PageOverlay overlay;
  private final Layout layout;
  private final long size;

  private final byte[] window = new byte[AHEAD];
  private long windowStart;
  private int windowLength;
  private long nextExpected;

  /**
   * @param size of the file, as it was when its layout was found out
   */
  PageImage(FileChannel channel, PageOverlay overlay, Layout layout, long size) {
    this.channel = channel;
    this.overlay = overlay;
    this.layout = layout;
    this.size = size;
  }

  Layout layout() {
    return layout;
  }

  /** Whether there can be such a page. */
  boolean has(long number) {
    return number >= 1
        && number <= layout.pages()
        && number != PageFormat.lockPage(layout.pageSize());
  }

  /**
   * Reads a page; what cannot be read is zero.
   *
   * @return how many of its bytes are there, from its beginning
   */
  int read(int number, byte[] to) {
    int pageSize = layout.pageSize();
    if (overlay.read(number, to, pageSize)) {
      return pageSize;
    }
    long start = (number - 1L) * pageSize;
    int there = (int) Math.max(0, Math.min(pageSize, Math.min(size, overlay.limit(size)) - start));
    int got = fromWindow(start, there, to);
    Arrays.fill(to, got, pageSize, (byte) 0);
    return there == 0 ? 0 : got;
  }

  private int fromWindow(long start, int length, byte[] to) {
    boolean inOrder = start == nextExpected;
    nextExpected = start + length;
    if (start < windowStart || start + length > windowStart + windowLength) {
      if (!inOrder) {
        return readBytes(start, to, length);
      }
      windowStart = start;
      windowLength = readBytes(start, window, (int) Math.min(AHEAD, size - start));
      if (windowLength < length) {
        windowLength = 0;
        return readBytes(start, to, length);
      }
    }
    System.arraycopy(window, (int) (start - windowStart), to, 0, length);
    return length;
  }

  private int readBytes(long start, byte[] to, int length) {
    int done = 0;
    try {
      while (done < length) {
        int got = channel.read(ByteBuffer.wrap(to, done, length - done), start + done);
        if (got < 0) {
          return done; // it was cut off meanwhile
        }
        done += got;
      }
      return done;
    } catch (IOException bad) {
      return length > layout.pageSize() ? 0 : bySectors(start, to, length);
    }
  }

  /** A bad sector does not make the others of its page unreadable. */
  private int bySectors(long start, byte[] to, int length) {
    int lastGood = 0;
    for (int at = 0; at < length; at += SECTOR) {
      int part = Math.min(SECTOR, length - at);
      try {
        if (channel.read(ByteBuffer.wrap(to, at, part), start + at) == part) {
          lastGood = at + part;
          continue;
        }
      } catch (IOException bad) {
        // these bytes are lost
      }
      Arrays.fill(to, at, at + part, (byte) 0);
    }
    return lastGood;
  }
}
