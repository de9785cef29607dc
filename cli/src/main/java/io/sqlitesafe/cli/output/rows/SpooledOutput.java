package io.sqlitesafe.cli.output.rows;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a transaction prints until it is committed: standard output carries results, and rows
 * of a transaction that was rolled back are none. Beyond a few megabytes it goes through a
 * temporary file. Not thread-safe.
 */
public final class SpooledOutput extends OutputStream {
  private static final int IN_MEMORY = 8 << 20;

  private ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private @Nullable Path file;
  private @Nullable OutputStream overflow;

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (overflow == null && memory.size() + length > IN_MEMORY) {
      file = Files.createTempFile("sqlite-safe-", ".rows");
      overflow = new BufferedOutputStream(Files.newOutputStream(file));
    }
    if (overflow == null) {
      memory.write(bytes, offset, length);
    } else {
      overflow.write(bytes, offset, length);
    }
  }

  /** True where nothing was printed. */
  public boolean isEmpty() {
    return memory.size() == 0;
  }

  /** Forgets everything, for a transaction that is run again. */
  public void reset() throws IOException {
    close();
    memory = new ByteArrayOutputStream();
  }

  /** Hands over everything that was printed. */
  public void transferTo(OutputStream out) throws IOException {
    memory.writeTo(out);
    if (overflow != null && file != null) {
      overflow.flush();
      Files.copy(file, out);
    }
  }

  @Override
  public void close() throws IOException {
    if (overflow != null) {
      overflow.close();
      overflow = null;
    }
    if (file != null) {
      Files.deleteIfExists(file);
      file = null;
    }
  }
}
