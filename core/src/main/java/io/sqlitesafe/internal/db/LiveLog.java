package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileOwner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the write-ahead log of a database in use, and its index, where they are until a connection
 * for reading has joined it.
 *
 * <p>The trap: the last program to leave removes both, at any moment, and SQLite, read-only too,
 * makes them anew. They are then files of whoever reads, and the application, another user, cannot
 * write any more. Whoever leaves needs SQLite's EXCLUSIVE lock for that, which is a write lock on
 * all of the bytes that SHARED is a read lock on (sqlite.org/lockingv3.html). A read lock on one of
 * them keeps it from that. Giving it back takes that byte out of the SHARED lock that SQLite has
 * taken meanwhile, and the others are as good. A connection in WAL mode keeps SHARED until it is
 * closed. (A read lock on PENDING would not do: on its way from SHARED straight to EXCLUSIVE newer
 * SQLite passes it by.)
 */
final class LiveLog implements AutoCloseable {
  private static final int READ_VERSION = 19;
  private static final byte WAL = 2;
  private static final long SHARED_FIRST = 0x40000002L;
  private static final int SHARED_SIZE = 510;
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(1);

  private final FileLock lock;

  private LiveLog(FileLock lock) {
    this.lock = lock;
  }

  /**
   * Holds them, if there are any and if what SQLite makes would not be its owner's.
   *
   * @return null where nothing need be held
   * @throws SqliteSafeException {@link SqlErrors#changing} where they have just gone, or where
   *     somebody keeps the database to itself
   */
  static @Nullable LiveLog hold(Path file, Duration patience, Cancellation cancellation) {
    return FileOwner.makesFilesFor(file) ? null : holdAsOther(file, patience, cancellation);
  }

  /** As above, whoever this user is. */
  static @Nullable LiveLog holdAsOther(Path file, Duration patience, Cancellation cancellation) {
    try {
      FileChannel channel = KeptChannel.of(file);
      return channel == null || !hasLog(channel)
          ? null
          : hold(file, channel, patience, cancellation);
    } catch (IOException unreadable) {
      return null; // opening it will say so
    }
  }

  /** By the header (sqlite.org/fileformat2.html, "read version"), without opening a log. */
  private static boolean hasLog(FileChannel channel) throws IOException {
    ByteBuffer version = ByteBuffer.allocate(1);
    return channel.read(version, READ_VERSION) == 1 && version.get(0) == WAL;
  }

  private static LiveLog hold(
      Path file, FileChannel channel, Duration patience, Cancellation cancellation)
      throws IOException {
    Duration rest = patience.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : patience;
    long end = System.nanoTime() + rest.toNanos();
    FileLock lock = isThere(file) ? tryLock(channel) : null;
    while (lock == null && isThere(file) && System.nanoTime() - end < 0) {
      cancellation.sleep(PAUSE);
      lock = tryLock(channel);
    }
    if (lock == null || !isThere(file)) {
      if (lock != null) {
        lock.release();
      }
      throw SqlErrors.changing(file);
    }
    return new LiveLog(lock);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(SHARED_FIRST + SHARED_SIZE - 1, 1, true);
    } catch (OverlappingFileLockException anotherThread) {
      return null; // for a moment
    }
  }

  private static boolean isThere(Path file) {
    return Files.exists(beside(file, "-wal")) && Files.exists(beside(file, "-shm"));
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** The connection has read. */
  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException closed) {
      // then it is released
    }
  }
}
