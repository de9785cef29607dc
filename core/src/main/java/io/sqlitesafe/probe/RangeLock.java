package io.sqlitesafe.probe;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A POSIX lock on the bytes that SQLite locks (sqlite.org/lockingv3.html), held by one side. */
final class RangeLock {
  private static final long FIRST = 0x40000000;
  private static final long LENGTH = 512;

  private @Nullable FileChannel open;

  /** Tries for it, and says {@code locked} or {@code busy}. */
  String acquire(Path file) throws IOException {
    release();
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      FileLock lock = channel.tryLock(FIRST, LENGTH, false);
      if (lock != null) {
        open = channel; // and with it the lock
        return "locked";
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return "busy";
  }

  void release() throws IOException {
    FileChannel channel = open;
    open = null;
    if (channel != null) {
      channel.close();
    }
  }
}
