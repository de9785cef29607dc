package io.sqlitesafe.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the first bytes of a database say (sqlite.org/fileformat2.html, section 1.3). Zeros for an
 * empty database.
 *
 * @param pageSize in bytes
 * @param pageCount whole pages in the file
 * @param schema PRAGMA schema_version
 * @param user PRAGMA user_version
 * @param application PRAGMA application_id
 */
public record DatabaseHeader(
    int pageSize, long pageCount, long schema, long user, long application) {
  private static final int LENGTH = 100;

  /** Opens and closes the file: only for a copy that no connection of this process has open. */
  public static DatabaseHeader read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel);
    }
  }

  /** Leaves the channel and its position as they are. */
  public static DatabaseHeader read(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(LENGTH);
    while (header.hasRemaining() && channel.read(header, header.position()) > 0) {
      // reads on
    }
    if (header.hasRemaining()) {
      return new DatabaseHeader(0, 0, 0, 0, 0);
    }
    int size = header.getShort(16) & 0xffff;
    int pageSize = size == 1 ? 65536 : size;
    long pages = pageSize == 0 ? 0 : channel.size() / pageSize;
    return new DatabaseHeader(
        pageSize, pages, header.getInt(40), header.getInt(60), header.getInt(68));
  }
}
