package io.sqlitesafe.internal.recover;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * Pages that come before those of the database file, from a write-ahead log or a rollback journal:
 * only their places are kept. For one thread.
 *
 * @param places in the file, by the number of the page
 * @param pages that the database has, as the log or journal says; 0 = it says nothing
 */
record PageOverlay(FileChannel channel, Map<Integer, Long> places, int pageSize, long pages)
    implements AutoCloseable {

  /** Without anything over the file. */
  static PageOverlay none(FileChannel file) {
    return new PageOverlay(file, new HashMap<>(), 0, 0);
  }

  /** False where the page is not here, or cannot be read. */
  boolean read(int number, byte[] to, int size) {
    Long place = places.get(number);
    if (place == null || size != pageSize) {
      return false;
    }
    ByteBuffer page = ByteBuffer.wrap(to, 0, size);
    try {
      for (long at = place; page.hasRemaining(); ) {
        int got = channel.read(page, at);
        if (got < 0) {
          return false;
        }
        at += got;
      }
      return true;
    } catch (IOException bad) {
      return false;
    }
  }

  /** Up to which byte the file counts. */
  long limit(long size) {
    return pages == 0 ? size : Math.min(size, pages * pageSize);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
