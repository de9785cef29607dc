package io.sqlitesafe.internal.changeset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A temporary file for what does not fit into memory: written at its end, read anywhere. It has no
 * name any more once it is open (on POSIX systems), so that no crash leaves it behind.
 */
final class SpillFile implements AutoCloseable {
  private final String name;
  private final FileChannel channel;
  private long end;

  SpillFile() {
    try {
      Path file = Files.createTempFile("sqlite-safe-", ".sort");
      name = "the temporary file " + file;
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw Malformed.unwritable("a temporary file", e);
    }
  }

  String name() {
    return name;
  }

  long end() {
    return end;
  }

  /** Appends, and returns where. */
  long append(byte[] bytes, int length) {
    long at = end;
    ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
    try {
      while (rest.hasRemaining()) {
        end += channel.write(rest, end);
      }
    } catch (IOException e) {
      throw Malformed.unwritable(name, e);
    }
    return at;
  }

  byte[] read(long at, int length) {
    return new ByteSource(name, stream(at, at + length), length).bytes(length, "a spilled change");
  }

  /** What stands from {@code start} to {@code stop}. */
  InputStream stream(long start, long stop) {
    return new InputStream() {
      private long at = start;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] to, int offset, int length) throws IOException {
        int wanted = (int) Math.min(length, stop - at);
        if (wanted == 0) {
          return -1;
        }
        int got = channel.read(ByteBuffer.wrap(to, offset, wanted), at);
        at += Math.max(got, 0);
        return got;
      }
    };
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw Malformed.unwritable(name, e);
    }
  }
}
