package io.sqlitesafe.snapshot.copy;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.Session;
import io.sqlitesafe.db.SqlErrors;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ReadLock;
import io.sqlitesafe.snapshot.file.FileStamp;
import io.sqlitesafe.snapshot.file.LastOut;
import io.sqlitesafe.snapshot.file.Publication;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A read-only connection to the database that is being copied, and its bytes. One thread.
 *
 * <p>What makes bytes read past SQLite a database: between {@link #pin} and {@link #unpin} the
 * connection holds a read transaction. With a rollback journal that is SQLite's SHARED lock, under
 * which nobody writes to the file (sqlite.org/lockingv3.html), whether he knows of our lock or not.
 * With a write-ahead log see {@link WalCopy}.
 */
public final class SourceReader implements AutoCloseable {
  private static final int HEADER = 100;

  private final Source source;
  private final Database database;
  private final boolean wal;
  private final boolean hadLog;
  private final LastOut lastOut;
  private final @Nullable List<@Nullable FileStamp> frozen;
  private final DatabaseBytes bytes;
  private @Nullable ReadLock lock;

  private SourceReader(
      Source source,
      Database database,
      boolean wal,
      boolean hadLog,
      LastOut lastOut,
      @Nullable List<@Nullable FileStamp> frozen)
      throws IOException {
    this.frozen = frozen;
    this.lastOut = lastOut;
    this.source = source;
    this.database = database;
    this.wal = wal;
    this.hadLog = hadLog;
    Path file = source.paths().database();
    this.bytes =
        source.isNetworkExclusive() ? DatabaseBytes.withoutLocks(file) : DatabaseBytes.of(file);
  }

  /** Opens; a crashed writer's journal is rolled back first, under the lock. */
  public static SourceReader open(Source source) {
    source.requireServed();
    try {
      return attempt(source);
    } catch (RecoveryNeeded hot) {
      source.recover();
    }
    try {
      return attempt(source);
    } catch (RecoveryNeeded again) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          source.paths().database() + " needs recovery again and again",
          "writers crash: look at them",
          again);
    }
  }

  /** A journal is there that only a writer may roll back. */
  private static final class RecoveryNeeded extends Exception {
    RecoveryNeeded(Throwable cause) {
      super(cause);
    }
  }

  private static SourceReader attempt(Source source) throws RecoveryNeeded {
    if (!source.isNetworkExclusive()) {
      return attempt(source, Database.Mode.READ);
    }
    ReadLock lock = source.share();
    try {
      SourceReader reader = attempt(source, Database.Mode.READ_NOLOCK);
      reader.lock = lock;
      return reader;
    } catch (RecoveryNeeded | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static SourceReader attempt(Source source, Database.Mode mode) throws RecoveryNeeded {
    Path file = source.paths().database();
    boolean hadLog = Files.exists(source.paths().wal());
    LastOut lastOut = LastOut.of(file);
    Database database = Database.open(file, mode, source.patience(), source.cancellation());
    try {
      database.execute("SELECT 1 FROM sqlite_schema LIMIT 0");
      Object journal = Session.unguarded(database).value("PRAGMA journal_mode");
      return new SourceReader(source, database, "wal".equals(journal), hadLog, lastOut, null);
    } catch (SQLException e) {
      database.close();
      if (SqlErrors.needsRecovery(e)) {
        throw new RecoveryNeeded(e);
      }
      return frozen(source, lastOut, e);
    } catch (IOException e) {
      database.close();
      throw Publication.failed("cannot read " + file, e);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /**
   * A write-ahead log needs an index beside it. Where there is none and none can be made (read-only
   * media, another user's directory), nobody has the database open: it is copied as it lies there,
   * with its log, and must be the same afterwards.
   */
  private static SourceReader frozen(Source source, LastOut lastOut, SQLException cause) {
    Path file = source.paths().database();
    List<@Nullable FileStamp> stamps = FileStamp.ofDatabase(file);
    boolean noIndex = SqlErrors.isCannotOpen(cause) || SqlErrors.isReadOnly(cause);
    if (!noIndex || Files.exists(source.paths().shm()) || !Database.isWal(file)) {
      throw SqlErrors.translate(cause, file, "");
    }
    Database database =
        Database.open(file, Database.Mode.IMMUTABLE, Duration.ZERO, source.cancellation());
    try {
      return new SourceReader(source, database, true, true, lastOut, stamps);
    } catch (IOException e) {
      database.close();
      throw Publication.failed("cannot read " + file, e);
    }
  }

  /** Whether it is read past SQLite altogether, so that only {@link WalCopy} will do. */
  boolean isFrozen() {
    return frozen != null;
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
      lock.validate();
      lock.close();
    }
  }

  /** To be called after the copy. */
  void requireUndisturbed() {
    if (frozen != null && !frozen.equals(FileStamp.ofDatabase(database.file()))) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          database.file() + " was written to while it was copied",
          "run it again");
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
            "nothing was changed; look at it by: sqlite-safe integrity-check. Restore a backup");
      }
    } finally {
      unpin();
    }
  }

  int pageSize() {
    return (int) integer("PRAGMA page_size");
  }

  public String sqliteVersion() {
    return String.valueOf(Session.unguarded(database).value("SELECT sqlite_version()"));
  }

  private long integer(String sql) {
    return Session.unguarded(database).integer(sql);
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
    if (wal) {
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

  /**
   * A read-only connection to a database with a log leaves an empty log and its index behind. If
   * they were not there before, a connection that may write removes them, as SQLite's last one
   * does.
   */
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
    lastOut.close();
    if (wal && !hadLog && Files.isWritable(database.file())) {
      tidy();
    }
  }

  private void tidy() {
    try (Database last =
        Database.open(database.file(), Database.Mode.WRITE, Duration.ZERO, source.cancellation())) {
      last.execute("SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SQLException | SqliteSafeException inUse) {
      // whoever uses it removes them
    }
  }
}
