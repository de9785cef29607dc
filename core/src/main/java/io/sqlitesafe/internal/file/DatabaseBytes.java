package io.sqlitesafe.internal.file;

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
 * The bytes of a database file, read past SQLite.
 *
 * <p>Closing any descriptor of a file drops all of this process's POSIX locks on it (see {@link
 * io.sqlitesafe.internal.db.Database}): the SHARED lock under which it is being copied, and those
 * of every other connection in this process, of which this library may know nothing (a connection
 * pool of the program that it is part of). So a descriptor, once opened, is never closed: it is
 * kept, one for each file, and used again by the next copy. SQLite itself keeps descriptors for the
 * same reason. On systems without POSIX file identities there are no POSIX locks either, and it is
 * closed.
 *
 * <p>A channel is also closed when a thread that reads from it is interrupted, hence {@link
 * io.sqlitesafe.internal.host.Undisturbed}.
 */
public final class DatabaseBytes implements AutoCloseable {
  /** The exception to "no static state": the locks are the process's, so this has to be too. */
  private static final Map<Object, FileChannel> KEPT = new ConcurrentHashMap<>();

  /** Of files that were replaced while they were being opened: it is unknown which one it is. */
  private static final Collection<FileChannel> UNKNOWN = new ConcurrentLinkedQueue<>();

  private final FileChannel channel;
  private final boolean kept;

  private DatabaseBytes(FileChannel channel, boolean kept) {
    this.channel = channel;
    this.kept = kept;
  }

  /** Of a database that connections may be open on. */
  public static DatabaseBytes of(Path file) throws IOException {
    while (true) {
      Object identity = identity(file);
      if (identity == null) {
        return new DatabaseBytes(FileChannel.open(file, StandardOpenOption.READ), false);
      }
      FileChannel known = KEPT.get(identity);
      if (known != null && known.isOpen()) {
        return new DatabaseBytes(known, true);
      }
      FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
      if (identity.equals(identity(file))) {
        FileChannel earlier = KEPT.put(identity, opened);
        if (earlier != null) {
          UNKNOWN.add(earlier); // two threads at once: neither may be closed
        }
        return new DatabaseBytes(opened, true);
      }
      UNKNOWN.add(opened);
    }
  }

  /** Where SQLite's locks are not used there are none to lose. */
  public static DatabaseBytes withoutLocks(Path file) throws IOException {
    return new DatabaseBytes(FileChannel.open(file, StandardOpenOption.READ), false);
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
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
