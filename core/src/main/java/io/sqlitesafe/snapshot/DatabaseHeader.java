package io.sqlitesafe.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the first bytes of a database say (sqlite.org/fileformat2.html, section 1.3). Zeros for an
 * empty database.
 */
record DatabaseHeader(int pageSize, long pageCount, long schema, long user, long application) {
  private static final int LENGTH = 100;

  /** Opens and closes the file: only for a copy that no connection of this process has open. */
  static DatabaseHeader read(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LENGTH);
    }
    if (bytes.length < LENGTH) {
      return new DatabaseHeader(0, 0, 0, 0, 0);
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int size = header.getShort(16) & 0xffff;
    int pageSize = size == 1 ? 65536 : size;
    long pages = pageSize == 0 ? 0 : Files.size(file) / pageSize;
    return new DatabaseHeader(
        pageSize, pages, header.getInt(40), header.getInt(60), header.getInt(68));
  }
}
