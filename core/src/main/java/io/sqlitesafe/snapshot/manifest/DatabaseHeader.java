package io.sqlitesafe.snapshot.manifest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the first bytes of a database say (sqlite.org/fileformat2.html, sections 1.3 and 1.6). Zeros
 * for an empty file.
 *
 * @param pageSize in bytes
 * @param pageCount whole pages in the file
 * @param schema PRAGMA schema_version
 * @param user PRAGMA user_version
 * @param application PRAGMA application_id
 * @param empty there is no table in it, nor anything else
 */
public record DatabaseHeader(
    int pageSize, long pageCount, long schema, long user, long application, boolean empty) {
  private static final int LENGTH = 100;

  /** Of the first page's own header: its type, and how many cells it has. */
  private static final int TYPE = 100;

  private static final int CELLS = 103;
  private static final int TABLE_LEAF = 0x0d;

  /** Opens and closes the file: only for a copy that no connection of this process has open. */
  public static DatabaseHeader read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel);
    }
  }

  /** Leaves the channel and its position as they are. */
  public static DatabaseHeader read(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(CELLS + 2);
    while (header.hasRemaining() && channel.read(header, header.position()) > 0) {
      // reads on
    }
    if (header.position() < LENGTH) {
      return new DatabaseHeader(0, 0, 0, 0, 0, header.position() == 0);
    }
    int size = header.getShort(16) & 0xffff;
    int pageSize = size == 1 ? 65536 : size;
    long pages = pageSize == 0 ? 0 : channel.size() / pageSize;
    // The table of all tables begins on the first page.
    boolean empty =
        !header.hasRemaining() && header.get(TYPE) == TABLE_LEAF && header.getShort(CELLS) == 0;
    return new DatabaseHeader(
        pageSize, pages, header.getInt(40), header.getInt(60), header.getInt(68), empty);
  }
}
