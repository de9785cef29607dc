package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.pages.LogChecksum;
import io.sqlitesafe.internal.pages.PageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads where the pages of a write-ahead log or of a rollback journal lie, as far as these are
 * whole. Stateless.
 */
final class OverlayReader {
  private static final int LOG_HEADER = 32;
  private static final int FRAME_HEADER = 24;
  private static final long JOURNAL_MAGIC = 0xd9d505f920a163d7L;
  private static final int JOURNAL_HEADER = 28;

  private OverlayReader() {}

  /**
   * What was read, and how it ended.
   *
   * @param note what a person has to know; empty where all is as it should be
   * @param lost there are transactions that cannot be read
   */
  record Found(PageOverlay overlay, String note, boolean lost) {
    Found(PageOverlay overlay, String note) {
      this(overlay, note, false);
    }
  }

  private interface Reader {
    @Nullable Found read(Path file, FileChannel channel) throws IOException;
  }

  /** The channel belongs to what was found, if anything was. */
  private static @Nullable Found read(Path file, Reader reader) throws IOException {
    if (!hasContent(file)) {
      return null;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    Found found = null;
    try {
      found = reader.read(file, channel);
      return found;
    } finally {
      if (found == null) {
        channel.close();
      }
    }
  }

  private static boolean hasContent(Path file) {
    try {
      return Files.isRegularFile(file) && Files.size(file) > 0;
    } catch (IOException gone) {
      return false;
    }
  }

  // ---- write-ahead log -------------------------------------------------------------------------

  /** The committed pages of a log; null where there is none, or nothing in it. */
  static @Nullable Found log(Path file) throws IOException {
    return read(file, OverlayReader::log);
  }

  private static @Nullable Found log(Path file, FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(LOG_HEADER);
    if (!fill(channel, head, 0) || !LogChecksum.isMagic(head.getInt(0))) {
      return new Found(PageOverlay.none(channel), file.getFileName() + " has no valid header");
    }
    int pageSize = head.getInt(8);
    LogChecksum checksum = new LogChecksum(head.getInt(0));
    checksum.add(head, 0, 24);
    if (!PageFormat.isPageSize(pageSize) || !checksum.is(head, 24)) {
      return new Found(PageOverlay.none(channel), file.getFileName() + " has no valid header");
    }
    Map<Integer, Long> committed = new HashMap<>();
    Map<Integer, Long> open = new HashMap<>();
    long pages = 0;
    long at = LOG_HEADER;
    ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER + pageSize);
    for (; fill(channel, frame.clear(), at); at += frame.capacity()) {
      checksum.add(frame, 0, 8);
      checksum.add(frame, FRAME_HEADER, pageSize);
      if (frame.getLong(8) != head.getLong(16) || !checksum.is(frame, 16)) {
        break;
      }
      open.put(frame.getInt(0), at + FRAME_HEADER);
      if (frame.getInt(4) != 0) {
        pages = frame.getInt(4) & 0xffffffffL;
        committed.putAll(open);
        open.clear();
      }
    }
    int beyond = commitsBeyond(channel, head.getLong(16), at, frame.capacity());
    if (beyond > 0) {
      String note =
          file.getFileName() + " is damaged: " + beyond + " transactions after that are lost";
      return new Found(new PageOverlay(channel, committed, pageSize, pages), note, true);
    }
    if (pages == 0) {
      return null;
    }
    String note = open.isEmpty() ? "" : file.getFileName() + " ends in an unfinished transaction";
    return new Found(new PageOverlay(channel, committed, pageSize, pages), note);
  }

  /** Ends of transactions after the first frame that is not right, of the same log. */
  private static int commitsBeyond(FileChannel channel, long salt, long start, int step)
      throws IOException {
    int commits = 0;
    ByteBuffer head = ByteBuffer.allocate(FRAME_HEADER);
    for (long at = start; fill(channel, head.clear(), at); at += step) {
      commits += head.getLong(8) == salt && head.getInt(4) != 0 ? 1 : 0;
    }
    return commits;
  }

  private static boolean fill(FileChannel channel, ByteBuffer to, long start) throws IOException {
    for (long at = start; to.hasRemaining(); ) {
      int got = channel.read(to, at);
      if (got < 0) {
        return false;
      }
      at += got;
    }
    return true;
  }

  // ---- rollback journal ------------------------------------------------------------------------

  /**
   * The pages as they were before the transaction that a journal belongs to; null where there is no
   * journal, or one that was finished.
   */
  static @Nullable Found journal(Path file) throws IOException {
    return read(file, OverlayReader::journal);
  }

  private static @Nullable Found journal(Path file, FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(JOURNAL_HEADER);
    if (!fill(channel, head, 0) || head.getLong(0) != JOURNAL_MAGIC) {
      return null; // finished: its header is cut off or zeroed
    }
    int sector = head.getInt(20);
    int pageSize = head.getInt(24);
    long pages = head.getInt(16) & 0xffffffffL;
    if (!PageFormat.isPageSize(pageSize) || sector < 32 || Integer.bitCount(sector) != 1) {
      return new Found(PageOverlay.none(channel), file.getFileName() + " has no valid header");
    }
    Map<Integer, Long> places = new HashMap<>();
    String note = "";
    for (long at = 0; fill(channel, head.clear(), at) && head.getLong(0) == JOURNAL_MAGIC; ) {
      long records = head.getInt(8) & 0xffffffffL;
      if (records == 0xffffffffL) {
        records = Long.MAX_VALUE;
      }
      Section section = new Section(channel, head.getInt(12), pageSize, places);
      long end = section.read(at + sector, records);
      if (end < 0) {
        note = file.getFileName() + " is cut off or damaged";
        break;
      }
      at = (end + sector - 1) / sector * sector;
    }
    return new Found(new PageOverlay(channel, places, pageSize, pages), note);
  }

  /** Records that follow one header. */
  private record Section(FileChannel channel, int nonce, int pageSize, Map<Integer, Long> places) {
    /** Where they end; negative where they end too early. */
    long read(long start, long count) throws IOException {
      ByteBuffer record = ByteBuffer.allocate(pageSize + 8);
      long at = start;
      for (long i = 0; i < count; i++, at += record.capacity()) {
        if (!fill(channel, record.clear(), at)) {
          return count == Long.MAX_VALUE ? at : -1;
        }
        if (record.getInt(pageSize + 4) != sum(record)) {
          return -1;
        }
        places.putIfAbsent(record.getInt(0), at + 4);
      }
      return at;
    }

    /** Of every 200th byte (section 3). */
    private int sum(ByteBuffer record) {
      int sum = nonce;
      for (int at = pageSize - 200; at > 0; at -= 200) {
        sum += record.get(4 + at) & 0xff;
      }
      return sum;
    }
  }
}
