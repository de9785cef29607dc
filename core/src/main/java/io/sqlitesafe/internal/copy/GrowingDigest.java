package io.sqlitesafe.internal.copy;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.manifest.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 of a file, computed by a thread of its own that follows the copy, so that it costs no
 * third pass: what has just been written is still in memory, and the device is busy with its own.
 */
public final class GrowingDigest implements AutoCloseable {
  private static final int BUFFER = 1 << 18;

  private final Path file;
  private final Thread thread;
  private final Object monitor = new Object();

  private long available;
  private boolean complete;
  private boolean stopped;
  private @Nullable String result;
  private @Nullable IOException failure;

  private GrowingDigest(Path file) {
    this.file = file;
    this.thread = new Thread(this::follow, "sqlite-safe-sha256");
    thread.setDaemon(true);
  }

  /** Begins with a file that is yet to be written. */
  public static GrowingDigest of(Path file) {
    GrowingDigest digest = new GrowingDigest(file);
    digest.thread.start();
    return digest;
  }

  /** So many bytes have been written and will not change again. */
  public void advance(long bytes) {
    synchronized (monitor) {
      available = bytes;
      monitor.notifyAll();
    }
  }

  /** Waits for the digest of {@code size} bytes. */
  public String finish(long size) throws IOException {
    synchronized (monitor) {
      available = size;
      complete = true;
      monitor.notifyAll();
    }
    join();
    synchronized (monitor) {
      if (failure != null) {
        throw failure;
      }
      if (result == null) {
        throw new SqliteSafeException(ErrorKind.INTERRUPTED, "interrupted", null);
      }
      return result;
    }
  }

  /** Stops; no result. */
  @Override
  public void close() {
    synchronized (monitor) {
      stopped = true;
      monitor.notifyAll();
    }
    join();
  }

  private void join() {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    MessageDigest digest = Sha256.digest();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long done = 0;
      for (long end = await(done); end > done; end = await(done)) {
        buffer.clear().limit((int) Math.min(BUFFER, end - done));
        int n = channel.read(buffer, done);
        if (n < 0) {
          throw new IOException(file + " ends at byte " + done);
        }
        done += n;
        digest.update(buffer.flip());
      }
      synchronized (monitor) {
        result = stopped ? null : Sha256.hex(digest);
      }
    } catch (IOException e) {
      synchronized (monitor) {
        failure = e;
      }
    }
  }

  /** Up to where there is something to read; {@code done} where there will be nothing more. */
  private long await(long done) {
    synchronized (monitor) {
      while (!stopped && !complete && available <= done) {
        try {
          monitor.wait();
        } catch (InterruptedException nobodyDoes) {
          stopped = true;
        }
      }
      return stopped ? done : Math.max(done, available);
    }
  }
}
