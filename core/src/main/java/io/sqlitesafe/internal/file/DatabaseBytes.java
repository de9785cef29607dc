package io.sqlitesafe.internal.file;

import io.sqlitesafe.internal.db.KeptChannel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a database file, read past SQLite.
 *
 * <p>Closing any descriptor of a file drops all of this process's POSIX locks on it (see {@link
 * io.sqlitesafe.internal.db.Database}): the SHARED lock under which it is being copied, and those
 * of every other connection in this process, of which this library may know nothing (a connection
 * pool of the program that it is part of). So a descriptor, once opened, is never closed: it is
 * kept, one for each file, and used again by the next copy ({@link KeptChannel}). On systems
 * without POSIX file identities there are no POSIX locks either, and it is closed.
 *
 * <p>A channel is also closed when a thread that reads from it is interrupted, hence {@link
 * io.sqlitesafe.internal.host.Undisturbed}.
 */
public final class DatabaseBytes implements AutoCloseable {
  private final FileChannel channel;
  private final boolean kept;

  private DatabaseBytes(FileChannel channel, boolean kept) {
    this.channel = channel;
    this.kept = kept;
  }

  /** Of a database that connections may be open on. */
  public static DatabaseBytes of(Path file) throws IOException {
    FileChannel channel = KeptChannel.of(file);
    return channel == null ? withoutLocks(file) : new DatabaseBytes(channel, true);
  }

  /** Where SQLite's locks are not used there are none to lose. */
  public static DatabaseBytes withoutLocks(Path file) throws IOException {
    return new DatabaseBytes(FileChannel.open(file, StandardOpenOption.READ), false);
  }

  /** From the beginning; closing it does nothing. */
  InputStream stream() {
    return new InputStream() {
      private long position;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = channel.read(ByteBuffer.wrap(bytes, offset, length), position);
        position += Math.max(n, 0);
        return n;
      }
    };
  }

  /** For reading; not to be closed. */
  public FileChannel channel() {
    return channel;
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      channel.close();
    }
  }
}
