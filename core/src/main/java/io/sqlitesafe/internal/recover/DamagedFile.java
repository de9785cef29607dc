package io.sqlitesafe.internal.recover;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.file.DatabaseBytes;
import io.sqlitesafe.internal.file.FileStamp;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.recover.RecoverRequest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A damaged file, with what lies beside it and the locks that keep it from being changed meanwhile.
 * For one thread.
 */
public final class DamagedFile implements AutoCloseable {
  /** The bytes that SQLite's SHARED lock is on (sqlite.org/lockingv3.html). */
  private static final long SHARED_FIRST = 0x40000002;

  private static final int SHARED_SIZE = 510;

  private final List<AutoCloseable> held = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Path file;
  private final long size;
  private final PageImage image;
  private final String state;
  private final List<@Nullable FileStamp> before;
  private boolean logComplete = true;
  private boolean mixed;

  private DamagedFile(FileChannel channel, Path file, RecoverRequest.Journal journal, Locks locks)
      throws IOException {
    this.file = file;
    this.held.addAll(locks.held);
    this.notes.addAll(locks.notes);
    this.mixed = locks.mixed;
    this.before = FileStamp.ofDatabase(file);
    this.size = channel.size();
    Beside beside = beside(channel, journal);
    this.state = beside.state;
    Layout layout = new LayoutGuess(channel, beside.overlay, size).layout();
    this.image = new PageImage(channel, beside.overlay, layout, size);
  }

  /** A file that nobody else uses. */
  public static DamagedFile of(FileChannel channel, Path file, RecoverRequest.Journal journal)
      throws IOException {
    return new DamagedFile(channel, file, journal, new Locks());
  }

  /** A database that others may use. */
  public static DamagedFile locked(Source source, RecoverRequest.Journal journal)
      throws IOException {
    Path file = source.paths().database();
    Locks locks = new Locks();
    try {
      locks.take(source);
      DatabaseBytes bytes = DatabaseBytes.of(file);
      locks.held.add(bytes);
      locks.takeShared(bytes.channel());
      return new DamagedFile(bytes.channel(), file, journal, locks);
    } catch (IOException | RuntimeException e) {
      close(locks.held);
      throw e;
    }
  }

  /** The locks that could be had, and what has to be said where one could not. */
  private static final class Locks {
    private final List<AutoCloseable> held = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private boolean mixed;

    void take(Source source) {
      boolean network = source.isNetworkExclusive();
      try {
        List<String> warnings = new ArrayList<>();
        held.add(
            network ? source.lockToRead() : source.admit(source.patienceOrForever(), warnings));
        notes.addAll(warnings);
      } catch (SqliteSafeException e) {
        if (e.kind() == ErrorKind.INTERRUPTED || e.kind() == ErrorKind.TERMINATED) {
          throw e;
        }
        // Where it cannot be made (a directory that is read-only), SQLite's own keeps writers out.
        mixed = network || e.kind() == ErrorKind.LOCK_BUSY;
        String so = mixed ? ", so that the state may be mixed" : "";
        notes.add("read without the lock" + so + ": " + e.getMessage());
      }
    }

    /**
     * SQLite's SHARED lock, without SQLite, which cannot open every damaged file. It is released
     * explicitly, and the descriptor is kept: see {@link DatabaseBytes}.
     */
    void takeShared(FileChannel channel) {
      String why;
      try {
        FileLock lock = channel.tryLock(SHARED_FIRST, SHARED_SIZE, true);
        if (lock != null) {
          held.add(lock);
          return;
        }
        why = "another program is writing";
      } catch (IOException | OverlappingFileLockException e) {
        why = String.valueOf(e.getMessage());
      }
      mixed = true;
      notes.add("read without SQLite's own lock, so that the state may be mixed: " + why);
    }
  }

  /** What comes before the pages of the file, and what is to be said of it. */
  private record Beside(PageOverlay overlay, String state) {}

  private Beside beside(FileChannel channel, RecoverRequest.Journal journal) throws IOException {
    OverlayReader.Found log = OverlayReader.log(beside("-wal"));
    if (log != null) {
      held.add(log.overlay());
      logComplete = !log.lost();
      if (!log.note().isEmpty()) {
        notes.add(log.note());
      }
      if (log.overlay().pages() > 0) {
        return new Beside(
            log.overlay(), "with the write-ahead log up to its last whole transaction");
      }
    }
    OverlayReader.Found found = OverlayReader.journal(beside("-journal"));
    if (found == null) {
      return new Beside(PageOverlay.none(channel), "the file as it is");
    }
    held.add(found.overlay());
    boolean writer =
        FileUse.sqliteLocks(file).stream().anyMatch(lock -> lock.kind().equals("RESERVED"));
    boolean whole = found.note().isEmpty();
    if (!whole) {
      notes.add(found.note());
    }
    boolean apply =
        switch (journal) {
          case APPLY -> true;
          case IGNORE -> false;
          case AUTO -> whole && !writer;
        };
    String name = String.valueOf(beside("-journal").getFileName());
    return apply
        ? new Beside(
            found.overlay(),
            "as it was before the transaction that "
                + name
                + " belongs to (--journal ignore takes the file as it is)")
        : new Beside(
            PageOverlay.none(channel),
            "the file as it is, without "
                + name
                + (writer ? ", whose writer is alive" : " (--journal apply rolls it back)"));
  }

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  public long size() {
    return size;
  }

  public PageImage image() {
    return image;
  }

  public List<String> notes() {
    return notes;
  }

  /** Which state is read, for people. */
  public String state() {
    return state;
  }

  /** Notes it where somebody wrote meanwhile. */
  public void noteChange(List<String> to) {
    if (!before.equals(FileStamp.ofDatabase(file))) {
      mixed = true;
      to.add("the file was written to while it was read: the state is mixed, run it again");
    }
  }

  /** False where its write-ahead log has transactions that cannot be read. */
  public boolean isLogComplete() {
    return logComplete;
  }

  /** Whether what was read may be of two moments. */
  public boolean isMixed() {
    return mixed;
  }

  @Override
  public void close() throws IOException {
    close(held);
  }

  private static void close(List<AutoCloseable> held) throws IOException {
    for (int i = held.size() - 1; i >= 0; i--) {
      try {
        held.get(i).close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }
}
