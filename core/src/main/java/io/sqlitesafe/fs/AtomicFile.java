package io.sqlitesafe.fs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that others see complete or not at all: written under a temporary name beside it, and
 * after {@link #publish} durable under its own, in place of a former one. Closed without that,
 * nothing has happened. A target that is no regular file (a pipe, /dev/stdout) is written to
 * directly. Not thread-safe.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final @Nullable Path temporary;
  private final FileChannel channel;

  public AtomicFile(Path file) throws IOException {
    // A link stays a link: what it points at is replaced.
    target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new IOException("it is a directory");
    }
    boolean direct = Files.exists(target) && !Files.isRegularFile(target);
    temporary = direct ? null : beside();
    channel =
        temporary == null
            ? FileChannel.open(target, StandardOpenOption.WRITE)
            : FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  }

  private Path beside() {
    String unique =
        ProcessHandle.current().pid() + "-" + Long.toUnsignedString(System.nanoTime(), 36);
    return target.resolveSibling(target.getFileName() + Durable.TEMPORARY + unique);
  }

  /** Closing it does nothing: {@link #close} does. */
  public OutputStream stream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
      }
    };
  }

  /** Forces to the device what was written so far, so that little is left to go wrong. */
  public void sync() throws IOException {
    if (temporary != null) {
      channel.force(true);
    }
  }

  /** Makes what was written the file, durably. */
  public void publish() throws IOException {
    if (temporary == null) {
      return;
    }
    sync();
    channel.close();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    Durable.syncDirectory(target.resolveSibling(""));
  }

  /** Takes the temporary file away, if there still is one. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (temporary != null) {
      Files.deleteIfExists(temporary);
    }
  }
}
