package io.sqlitesafe.internal.recover;

import io.sqlitesafe.internal.pages.PageFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds out a file's layout: from its header where that is right, else from its pages. Used once.
 */
final class LayoutGuess {
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 100;
  private static final int SAMPLE = 600;
  private static final int CONVINCING = 3;

  private final FileChannel channel;
  private final PageOverlay overlay;
  private final long size;
  private final List<String> notes = new ArrayList<>();
  private final byte[] header = new byte[HEADER];

  LayoutGuess(FileChannel channel, PageOverlay overlay, long size) {
    this.channel = channel;
    this.overlay = overlay;
    this.size = size;
  }

  Layout layout() {
    readHeader();
    boolean magic = Arrays.equals(header, 0, 16, MAGIC, 0, 16);
    int stored = storedPageSize();
    int reserved = header[20] & 0xff;
    boolean sized = PageFormat.isPageSize(stored) && stored - reserved >= 480;
    boolean good = sized && (magic || hasFractions());
    boolean settings = (sized && magic) || hasSettings();
    int pageSize = good ? stored : overlay.pageSize();
    if (pageSize == 0) {
      pageSize = guessedPageSize(PageFormat.isPageSize(stored) ? stored : 4096);
      notes.add("the file has no valid header: pages of " + pageSize + " bytes by what they hold");
    }
    int usable = usable(pageSize, good ? pageSize - reserved : pageSize);
    long pages =
        overlay.pages() > 0 ? overlay.pages() : Math.max(1, (size + pageSize - 1) / pageSize);
    int encoding = int32(56);
    if (!settings || encoding < 1 || encoding > 3) {
      encoding = 0;
    }
    int vacuum = settings && int32(52) != 0 ? int32(64) != 0 ? 2 : 1 : 0;
    Layout known =
        new Layout(
            pageSize,
            usable,
            encoding == 0 ? 1 : encoding,
            pages,
            vacuum,
            settings ? int32(32) & 0xffffffffL : 0,
            settings ? int32(36) & 0xffffffffL : 0,
            settings ? int32(68) : 0,
            settings ? int32(60) : 0,
            settings,
            notes);
    return encoding == 0 ? withEncoding(known) : known;
  }

  /** Three bytes after the page size are the same in every database (section 1.3). */
  private boolean hasFractions() {
    return header[21] == 64 && header[22] == 32 && header[23] == 32;
  }

  /** The second half of the header is whole, as it seems by what is the same in every database. */
  private boolean hasSettings() {
    for (int at = 72; at < 92; at++) {
      if (header[at] != 0) {
        return false;
      }
    }
    int format = int32(44);
    int encoding = int32(56);
    int version = int32(96);
    return format >= 1
        && format <= 4
        && encoding >= 1
        && encoding <= 3
        && version >= 3_000_000
        && version < 4_000_000;
  }

  private void readHeader() {
    byte[] first = new byte[Math.max(HEADER, overlay.pageSize())];
    if (overlay.pageSize() > 0 && overlay.read(1, first, overlay.pageSize())) {
      System.arraycopy(first, 0, header, 0, HEADER);
      return;
    }
    read(0, header, HEADER);
  }

  private int read(long start, byte[] to, int length) {
    int done = 0;
    try {
      while (done < length) {
        int got = channel.read(ByteBuffer.wrap(to, done, length - done), start + done);
        if (got < 0) {
          return done;
        }
        done += got;
      }
    } catch (IOException unreadable) {
      return 0;
    }
    return done;
  }

  private int int32(int at) {
    return ByteBuffer.wrap(header).getInt(at);
  }

  private int storedPageSize() {
    int stored = (header[16] & 0xff) << 8 | (header[17] & 0xff);
    return stored == 1 ? 65536 : stored;
  }

  // ---- by what the pages hold ------------------------------------------------------------------

  private int guessedPageSize(int otherwise) {
    int best = otherwise;
    int most = 0;
    for (int candidate = 65536; candidate >= 512; candidate /= 2) {
      int[] ends = ends(candidate);
      int full = 0;
      for (int end : ends) {
        full += end > candidate - 256 ? 1 : 0;
      }
      // Of a smaller size there are more pages in the same file, if it is the right one.
      if (full > most) {
        most = full;
        best = candidate;
      }
    }
    return best;
  }

  /**
   * Where the content of pages ends that seem to be of b-trees, a sample of them: in most, at the
   * last byte that is used for content.
   */
  private int[] ends(int pageSize) {
    long pages = size / pageSize;
    long step = Math.max(1, pages / SAMPLE);
    List<Integer> ends = new ArrayList<>();
    Layout trial =
        new Layout(pageSize, pageSize, 1, Math.max(1, pages), 0, 0, 0, 0, 0, true, List.of());
    PageImage image = new PageImage(channel, PageOverlay.none(channel), trial, size);
    PageView page = new PageView(image);
    RecordView record = new RecordView();
    for (long number = 1; number <= pages; number += step) {
      int end = end(page, (int) number, record);
      if (end > 0) {
        ends.add(end);
      }
    }
    return ends.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int end(PageView page, int number, RecordView record) {
    int kind = page.load(number);
    if (kind != PageFormat.TABLE_LEAF && kind != PageFormat.INDEX_LEAF) {
      return 0;
    }
    int end = 0;
    for (int cell = 0; cell < page.cells(); cell++) {
      if (!page.cell(cell)) {
        return 0;
      }
      if (page.isWhole() && !page.isRecord(record)) {
        return 0;
      }
      end = Math.max(end, page.isWhole() ? page.end() : 0);
    }
    return end;
  }

  /** A cell beyond what the header says is used shows that it is wrong. */
  private int usable(int pageSize, int stored) {
    int[] ends = ends(pageSize);
    Arrays.sort(ends);
    int last = ends.length == 0 ? 0 : ends[ends.length - 1];
    int alike = 0;
    for (int end : ends) {
      alike += end == last ? 1 : 0;
    }
    boolean convincing = alike >= CONVINCING && alike * 4 >= ends.length;
    boolean sure = storedIsSure(pageSize);
    if (convincing && last != stored && last >= 480 && (last > stored || !sure)) {
      notes.add(pageSize - last + " bytes at the end of each page are reserved, as it seems");
      return last;
    }
    return stored;
  }

  private boolean storedIsSure(int pageSize) {
    return Arrays.equals(header, 0, 16, MAGIC, 0, 16) && storedPageSize() == pageSize;
  }

  /** UTF-16 of most languages has zeroes or the same byte in every other place. */
  private Layout withEncoding(Layout layout) {
    PageView page = new PageView(new PageImage(channel, overlay, layout, size));
    RecordView record = new RecordView();
    int[] votes = new int[4];
    long step = Math.max(1, layout.pages() / SAMPLE);
    for (long number = 1; number <= layout.pages(); number += step) {
      if (page.load((int) number) == PageFormat.TABLE_LEAF) {
        for (int cell = 0; cell < page.cells(); cell++) {
          if (page.cell(cell) && page.isWhole() && page.isRecord(record)) {
            vote(record, votes);
          }
        }
      }
    }
    int encoding = votes[2] > votes[1] ? 2 : 1;
    encoding = votes[3] > votes[encoding] ? 3 : encoding;
    if (encoding != 1) {
      notes.add("texts are in UTF-16, as it seems");
    }
    return new Layout(
        layout.pageSize(),
        layout.usable(),
        encoding,
        layout.pages(),
        layout.autoVacuum(),
        layout.firstFree(),
        layout.freeCount(),
        layout.applicationId(),
        layout.userVersion(),
        layout.header(),
        notes);
  }

  private static void vote(RecordView record, int[] votes) {
    for (int field = 0; field < record.count; field++) {
      int length = record.length(field);
      if (!record.isText(field) || length < 2) {
        continue;
      }
      int[] zeroes = new int[2];
      for (int i = 0; i < length; i++) {
        zeroes[i & 1] += record.bytes[record.starts[field] + i] == 0 ? 1 : 0;
      }
      boolean wide = length % 2 == 0 && zeroes[0] + zeroes[1] >= length / 4;
      votes[!wide ? 1 : zeroes[1] > zeroes[0] ? 2 : 3]++;
    }
  }
}
