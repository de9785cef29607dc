package io.sqlitesafe.internal.diff;

import io.sqlitesafe.internal.pages.LogChecksum;
import io.sqlitesafe.internal.pages.PageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pages in a write-ahead log as of its last commit (sqlite.org/walformat.html), in memory.
 *
 * <p>Together with the file they make what a reader sees that began when this commit was the last:
 * as long as it reads, checkpoints write only what the log had then, and pages that the log does
 * not have stay as they are. A log that is started anew or cut off meanwhile had been written to
 * the file before, as a whole. The log takes no locks, so that its file may be opened and closed.
 *
 * @param pages of the database, according to the last commit; 0 where the log is empty
 */
record WalPages(int pageSize, int pages, Map<Integer, ByteBuffer> content) {
  static final WalPages NONE = new WalPages(0, 0, Map.of());

  private static final long LARGEST = 256L << 20;
  private static final int HEADER = 32;
  private static final int FRAME_HEADER = 24;

  /** The bytes of a page; null where the log has none. A view, for one thread. */
  @Nullable ByteBuffer page(int number) {
    if (content.isEmpty()) {
      return null;
    }
    ByteBuffer page = content.get(number);
    return page == null ? null : page.duplicate();
  }

  /**
   * Reads the log of a database.
   *
   * @throws PageFile.Unexpected where it is too large to be held in memory
   */
  static WalPages of(Path database) throws IOException, PageFile.Unexpected {
    Path log = database.resolveSibling(database.getFileName() + "-wal");
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size > LARGEST) {
        throw new PageFile.Unexpected("the write-ahead log is large");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) size);
      while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {}
      return read(bytes.flip());
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  private static WalPages read(ByteBuffer log) {
    if (log.limit() < HEADER || !LogChecksum.isMagic(log.getInt(0))) {
      return NONE;
    }
    int pageSize = log.getInt(8);
    LogChecksum checksum = new LogChecksum(log.getInt(0));
    checksum.add(log, 0, 24);
    if (!PageFormat.isPageSize(pageSize) || !checksum.is(log, 24)) {
      return NONE;
    }
    Map<Integer, ByteBuffer> committed = new HashMap<>();
    Map<Integer, ByteBuffer> open = new HashMap<>();
    int pages = 0;
    int frame = HEADER;
    while (log.limit() - frame >= FRAME_HEADER + pageSize
        && log.getLong(frame + 8) == log.getLong(16)) {
      checksum.add(log, frame, 8);
      checksum.add(log, frame + FRAME_HEADER, pageSize);
      if (!checksum.is(log, frame + 16)) {
        break;
      }
      open.put(log.getInt(frame), log.slice(frame + FRAME_HEADER, pageSize));
      if (log.getInt(frame + 4) != 0) {
        pages = log.getInt(frame + 4);
        committed.putAll(open);
        open.clear();
      }
      frame += FRAME_HEADER + pageSize;
    }
    return new WalPages(pageSize, pages, committed);
  }
}
