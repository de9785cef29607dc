package io.sqlitesafe.internal.copy;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.DatabaseBytes;
import io.sqlitesafe.internal.file.FileStamp;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.file.Replacement;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.lock.ReaderLock;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A read-only connection to the database that is being copied, and its bytes. One thread.
 *
 * <p>What makes bytes read past SQLite a database: between {@link #pin} and {@link #unpin} the
 * connection holds a read transaction. With a rollback journal that is SQLite's SHARED lock, under
 * which nobody writes to the file (sqlite.org/lockingv3.html), whether or not they know of our
 * lock. With a write-ahead log see {@link WalCopy}.
 */
public final class SourceReader implements AutoCloseable {
  private static final int HEADER = 100;

  private final Source source;
  private final Database database;
  private final boolean wal;
  private final @Nullable QuietRead way;
  private final DatabaseBytes bytes;
  private @Nullable ReaderLock lock;
  private boolean finished;

  private SourceReader(Source source, Database database, boolean wal, @Nullable QuietRead way)
      throws IOException {
    this.source = source;
    this.database = database;
    this.wal = wal;
    this.way = way;
    this.bytes =
        way == null
            ? DatabaseBytes.withoutLocks(source.paths().database())
            : DatabaseBytes.of(way.place());
  }

  /**
   * Opens. What a crashed writer left is first recovered under the lock; where this process may not
   * do that, in a copy, which is then read in place of the database.
   */
  public static SourceReader open(Source source) {
    source.requireServed();
    try {
      return attempt(source);
    } catch (RecoveryNeeded hot) {
      if (!source.isNetworkExclusive() && !QuietRead.mayRecover(source.paths().database())) {
        return ofCopy(source);
      }
      source.recover();
    }
    try {
      return attempt(source);
    } catch (RecoveryNeeded again) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          source.paths().database() + " needs recovery each time it is opened",
          "its writers keep crashing: find out why",
          again);
    }
  }

  /** A journal is there that only a writer may roll back. */
  private static final class RecoveryNeeded extends Exception {
    RecoveryNeeded(@Nullable Throwable cause) {
      super(cause);
    }
  }

  private static SourceReader attempt(Source source) throws RecoveryNeeded {
    return source.isNetworkExclusive() ? shared(source) : quiet(source);
  }

  private static SourceReader shared(Source source) throws RecoveryNeeded {
    ReaderLock lock = source.lockToRead();
    Path file = source.paths().database();
    try {
      Database database =
          Database.open(file, OpenMode.READ_NOLOCK, source.patience(), source.cancellation());
      SourceReader reader = begun(source, database, null);
      reader.lock = lock;
      return reader;
    } catch (RecoveryNeeded | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static SourceReader quiet(Source source) throws RecoveryNeeded {
    QuietRead way = QuietRead.of(source.paths().database());
    if (way.state() == QuietRead.State.CRASHED) {
      throw new RecoveryNeeded(null);
    }
    try {
      return begun(
          source,
          Database.open(way.place(), way.mode(), source.patience(), source.cancellation()),
          way);
    } catch (RecoveryNeeded | RuntimeException e) {
      way.close();
      throw e;
    }
  }

  private static SourceReader ofCopy(Source source) {
    Path file = source.paths().database();
    QuietRead way = QuietRead.recovered(file, Scratch.usualPlace(), source.cancellation());
    if (way.state() != QuietRead.State.COPY) {
      way.close();
      throw SqlErrors.changing(file); // it only looked so for a moment
    }
    try {
      Database database =
          Database.openFor(
              way.place(), file, way.mode(), source.patience(), source.cancellation(), "");
      SourceReader reader = begun(source, database, way);
      // What follows reads the bytes of one file.
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      return reader;
    } catch (SQLException e) {
      way.close();
      throw SqlErrors.translate(e, file, "");
    } catch (RecoveryNeeded e) {
      way.close();
      throw new IllegalStateException(e); // a writer recovers
    } catch (RuntimeException e) {
      way.close();
      throw e;
    }
  }

  private static SourceReader begun(Source source, Database database, @Nullable QuietRead way)
      throws RecoveryNeeded {
    try {
      database.execute("SELECT 1 FROM sqlite_schema LIMIT 0");
      boolean logged = way != null && way.isWal() && way.state() != QuietRead.State.COPY;
      return new SourceReader(source, database, logged, way);
    } catch (SQLException e) {
      database.close();
      if (SqlErrors.needsRecovery(e)) {
        throw new RecoveryNeeded(e);
      }
      throw SqlErrors.translate(e, source.paths().database(), "");
    } catch (IOException e) {
      database.close();
      throw Replacement.failed("cannot read " + source.paths().database(), e);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** Whether nobody has it open, and nothing keeps anybody from opening it. */
  boolean isAtRest() {
    return way != null && way.state() == QuietRead.State.AT_REST;
  }

  /** Whether it is a recovered copy that nobody else knows of. */
  public boolean isPrivate() {
    return way != null && way.state() == QuietRead.State.COPY;
  }

  /** Which state is copied, for a person; null where it is the one that everybody sees. */
  public @Nullable String note() {
    return way == null ? null : way.note("copied");
  }

  /** Whether writers are kept out by the shared lock of network-exclusive access. */
  public boolean isShared() {
    return lock != null;
  }

  /**
   * The copy is made: nothing more is read, and what was read is known to be of one state. Lets
   * writers in again.
   */
  public void finish() {
    if (lock != null) {
      lock.ensureHeld();
      lock.close();
    }
    requireUndisturbed();
    finished = true;
  }

  /**
   * Refuses what was read, or an error that came of it, where the file was changed meanwhile; not
   * after {@link #finish}.
   */
  public void requireUndisturbed() {
    if (!finished && way != null && way.isDisturbed()) {
      throw SqlErrors.changing(database.file());
    }
  }

  Database database() {
    return database;
  }

  boolean isWal() {
    return wal;
  }

  /** Past SQLite; see {@link DatabaseBytes}. */
  FileChannel channel() {
    return bytes.channel();
  }

  /**
   * Begins a read transaction.
   *
   * @return a number that is another one if anybody has committed since the last call
   *     (sqlite.org/pragma.html#pragma_data_version). SQLite takes it from the file's change
   *     counter as it takes the lock.
   */
  public long pin() {
    try {
      database.execute("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 0");
      return integer("PRAGMA data_version");
    } catch (SQLException e) {
      unpin();
      throw SqlErrors.translate(e, database.file(), "");
    }
  }

  public void unpin() {
    try {
      database.execute("ROLLBACK");
    } catch (SQLException notBegun) {
      // then there is nothing to end
    }
  }

  /** Size of the pages that are in use, as this moment's transaction sees it. */
  public long size() {
    return integer("PRAGMA page_count") * integer("PRAGMA page_size");
  }

  /** See {@link Emptiness}. */
  public boolean isEmpty() {
    return Emptiness.of(database);
  }

  /**
   * Refuses a file that was cut off. SQLite takes what is left of a last page for a page, fills it
   * with zeros, and may find nothing wrong with the copy.
   *
   * @throws SqliteSafeException {@link ErrorKind#DAMAGED}
   */
  public void requireWhole() throws IOException {
    pin();
    try {
      long pages = size();
      long length = channel().size();
      // Pages may be in a log instead. One that is empty by now was so when this snapshot began,
      // or has been moved into the file.
      boolean inLog =
          wal && Files.exists(source.paths().wal()) && Files.size(source.paths().wal()) > 0;
      if (length < pages && !inLog || pages == 0 && length > 0) {
        throw new SqliteSafeException(
            ErrorKind.DAMAGED,
            database.file() + " is cut off: it has " + length + " bytes, its pages take " + pages,
            "nothing was changed; look at it by: sqlite-safe integrity-check, and restore a"
                + " backup");
      }
    } finally {
      unpin();
    }
  }

  int pageSize() {
    return (int) integer("PRAGMA page_size");
  }

  public String sqliteVersion() {
    return String.valueOf(database.unguarded().value("SELECT sqlite_version()"));
  }

  private long integer(String sql) {
    return database.unguarded().integer(sql);
  }

  /**
   * A text that stays the same only as long as the content does: what the file system says of the
   * file ({@link FileStamp#identity}), and its header, with its change counter
   * (sqlite.org/fileformat2.html, section 1.3.7), which every commit with a rollback journal
   * raises. Empty where that cannot be told: with a write-ahead log, where commits need not touch
   * the header, and for a file that was written to just now. The counter alone would do neither for
   * a file that was replaced by another, nor for one that was restored: it may reach the same
   * number by other commits.
   */
  public String state() throws IOException {
    if (wal || isPrivate()) {
      return "";
    }
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    pin();
    try {
      while (header.hasRemaining() && channel().read(header, header.position()) > 0) {
        // reads on
      }
      String identity = FileStamp.identity(database.file());
      return identity.isEmpty() || header.hasRemaining()
          ? ""
          : identity + " " + HexFormat.of().formatHex(header.array(), 16, HEADER);
    } finally {
      unpin();
    }
  }

  @Override
  public void close() {
    database.close();
    if (lock != null) {
      lock.close();
    }
    try {
      bytes.close();
    } catch (IOException onlyWindows) {
      // it was only read from
    }
    if (way != null) {
      way.close();
    }
  }
}
