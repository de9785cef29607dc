package io.sqlitesafe.internal.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of a database file that is never closed, one for each file: closing any would drop
 * all of this process's POSIX locks on it (see {@link Database}), and those of connections that
 * this library knows nothing of. SQLite itself keeps descriptors for the same reason. Thread-safe.
 */
public final class KeptChannel {
  /** The exception to "no static state": the locks are the process's, so this has to be too. */
  private static final Map<Object, FileChannel> KEPT = new ConcurrentHashMap<>();

  /** Of files that were replaced while they were being opened: it is unknown which one it is. */
  private static final Collection<FileChannel> UNKNOWN = new ConcurrentLinkedQueue<>();

  private KeptChannel() {}

  /**
   * For reading, shared by everybody in this process; not to be closed. Null where files have no
   * identity, on systems without POSIX locks.
   */
  public static @Nullable FileChannel of(Path file) throws IOException {
    while (true) {
      Object identity = identity(file);
      if (identity == null) {
        return null;
      }
      FileChannel known = KEPT.get(identity);
      if (known != null && known.isOpen()) {
        return known;
      }
      FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
      if (identity.equals(identity(file))) {
        FileChannel earlier = KEPT.put(identity, opened);
        if (earlier != null) {
          UNKNOWN.add(earlier); // two threads at once: neither may be closed
        }
        return opened;
      }
      UNKNOWN.add(opened);
    }
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }
}
