package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.fs.FileOwner;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way to read a database that leaves nothing beside it, whoever reads it and wherever it lies.
 *
 * <p>The trap: SQLite opens a database in WAL mode, read-only too, by creating {@code -wal} and
 * {@code -shm} where they are missing, and a read-only connection does not remove them
 * (sqlite.org/wal.html, "Read-Only Databases"). Where the reader is another user, they are his, and
 * the application cannot write any more. Where they cannot be created, the database cannot be
 * opened at all. So:
 *
 * <ul>
 *   <li>no log in use: SQLite's locks are enough, or log and index are there: {@link State#LIVE},
 *       as any reader;
 *   <li>a log that nobody has open and that is empty or missing: the file is complete without it.
 *       Its owner joins all the same and removes what SQLite made; others read it as immutable:
 *       {@link State#AT_REST}, and nothing of that counts unless {@link #isDisturbed} says no at
 *       the end;
 *   <li>a log without its index, as of a copied pair, or a journal that has to be rolled back:
 *       {@link State#CRASHED}. Who may write there recovers it under the lock; else a private copy
 *       is recovered and read: {@link State#COPY}.
 * </ul>
 *
 * <p>For one thread. Close it after the connection.
 */
public final class QuietRead implements AutoCloseable {
  private static final int HEADER = 100;
  private static final int ATTEMPTS = 5;
  private static final long MARGIN = 16L << 20;
  private static final String COPY = "copy.db";
  private static final String FIRST_READ = "SELECT 1 FROM sqlite_schema LIMIT 0";
  private static final String DONE = "{done}";

  /** Longer than any time stamp of a local file system stands still. */
  private static final long TICK_MILLIS = 20;

  private final Path file;
  private final Path place;
  private final State state;
  private final boolean wal;
  private final @Nullable Still before;
  private final @Nullable AutoCloseable resource;
  private final @Nullable String note;

  private QuietRead(
      Path file,
      Path place,
      State state,
      boolean wal,
      @Nullable Still before,
      @Nullable AutoCloseable resource,
      @Nullable String note) {
    this.file = file;
    this.place = place;
    this.state = state;
    this.wal = wal;
    this.before = before;
    this.resource = resource;
    this.note = note;
  }

  /** What is read. */
  public enum State {
    /** The database as its users see it. */
    LIVE,
    /** The file alone, which nobody has open. */
    AT_REST,
    /** Nothing yet: it has to be recovered first. */
    CRASHED,
    /** A private copy, recovered. */
    COPY
  }

  /**
   * Looks for the way.
   *
   * @param file the database, links followed
   */
  public static QuietRead of(Path file) {
    return of(file, Files.isWritable(file) && mayMakeFiles(file));
  }

  /**
   * As above.
   *
   * @param join a log that nobody uses is joined
   */
  public static QuietRead of(Path file, boolean join) {
    boolean log = Files.exists(beside(file, "-wal"));
    if (log && Files.exists(beside(file, "-shm"))) {
      return new QuietRead(file, file, State.LIVE, true, null, LastOut.of(file), null);
    }
    if (!Database.isWal(file)) {
      return new QuietRead(file, file, State.LIVE, false, null, null, null);
    }
    if (log && size(beside(file, "-wal")) > 0) {
      return new QuietRead(file, file, State.CRASHED, true, null, null, null);
    }
    if (join) {
      return new QuietRead(file, file, State.LIVE, true, null, LastOut.of(file), null);
    }
    String note =
        Files.isWritable(file.resolveSibling(""))
            ? null
            : "nothing can be written beside "
                + file
                + "; what was "
                + DONE
                + " is the file as it lies there";
    return new QuietRead(file, file, State.AT_REST, true, Still.settled(file), null, note);
  }

  /** Whether who reads {@code file} may recover what a crashed writer left beside it. */
  public static boolean mayRecover(Path file) {
    boolean writable = Files.isWritable(file) && Files.isWritable(file.resolveSibling(""));
    return writable && (!Files.exists(beside(file, "-wal")) || mayMakeFiles(file));
  }

  private static boolean mayMakeFiles(Path file) {
    return Files.isWritable(file.resolveSibling("")) && FileOwner.makesFilesFor(file);
  }

  /**
   * The way where what looks {@link State#CRASHED} may not be recovered: a private copy, to be
   * opened for writing so that SQLite recovers it. Whoever recovers the original meanwhile changes
   * its journal at the end, and this is seen. A log that is being made or removed looks crashed for
   * a moment; then it is the way of an uncrashed one.
   *
   * @param scratch where the copy is made
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} where somebody uses the original, or
   *     changes it each time while it is copied
   */
  public static QuietRead recovered(Path file, Path scratch, Cancellation cancellation) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      String suffix = size(beside(file, "-journal")) > 0 ? "-journal" : "-wal";
      if (suffix.equals("-wal")) {
        QuietRead way = of(file);
        if (way.state == State.AT_REST || way.state == State.LIVE && !isLeft(file)) {
          return way;
        }
        way.close();
      }
      QuietRead copy = copy(file, suffix, scratch, cancellation);
      if (copy != null) {
        return copy;
      }
    }
    throw SqlErrors.changing(file);
  }

  /**
   * The way to read a file that is attached to another one: by {@link #place} and {@link
   * #modeToAttach}. What a crashed writer left beside it is recovered in a private copy.
   */
  public static QuietRead toAttach(Path file, Path scratch, Cancellation cancellation) {
    QuietRead way = of(file);
    if (way.state != State.CRASHED && !way.needsRecovery(cancellation)) {
      return way;
    }
    way.close();
    QuietRead copy = recovered(file, scratch, cancellation);
    try (Database whole =
        Database.openFor(copy.place, file, copy.mode(), Duration.ZERO, cancellation, "")) {
      whole.execute(FIRST_READ);
      return copy;
    } catch (SQLException e) {
      copy.close();
      throw SqlErrors.translate(e, file, "");
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  private boolean needsRecovery(Cancellation cancellation) {
    if (state == State.AT_REST || (size(beside(file, "-journal")) == 0 && !isLeft(file))) {
      return false;
    }
    try (Database asked = Database.open(place, mode(), Duration.ZERO, cancellation)) {
      asked.execute(FIRST_READ);
      return false;
    } catch (SQLException e) {
      return SqlErrors.needsRecovery(e);
    }
  }

  /** Whether there is a log with content that nobody has open, as far as can be seen. */
  private static boolean isLeft(Path file) {
    return size(beside(file, "-wal")) > 0 && !LastOut.inUse(file);
  }

  private static @Nullable QuietRead copy(
      Path file, String suffix, Path scratch, Cancellation cancellation) {
    requireNobodyAlone(file);
    Still before = Still.settled(file);
    Path journal = beside(file, suffix);
    Scratch room = Scratch.create(scratch, size(file) + 2 * size(journal) + MARGIN);
    try {
      Path copy = room.directory().resolve(COPY);
      try (DatabaseBytes bytes = DatabaseBytes.of(file);
          InputStream in = Files.newInputStream(journal)) {
        transfer(bytes.stream(), copy, cancellation);
        transfer(in, room.directory().resolve(COPY + suffix), cancellation);
      }
      if (before.equals(Still.of(file))) {
        String note =
            "a crashed writer left "
                + journal.getFileName()
                + "; what was "
                + DONE
                + " is a recovered copy, the file itself was left as it is";
        return new QuietRead(file, copy, State.COPY, suffix.equals("-wal"), before, room, note);
      }
      room.close();
      return null;
    } catch (IOException e) {
      room.close();
      if (!before.equals(Still.of(file))) {
        return null; // a file has gone
      }
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot read " + file + ": " + e.getMessage(),
          "look at the permissions, and at the medium (kernel log)",
          e);
    } catch (RuntimeException e) {
      room.close();
      throw e;
    }
  }

  /** In exclusive locking mode a log has no index although it is in use. */
  private static void requireNobodyAlone(Path file) {
    for (FileUse.SqliteLock lock : FileUse.sqliteLocks(file)) {
      if (lock.kind().equals("EXCLUSIVE")) {
        throw SqlErrors.changing(
            file + " is locked by pid " + lock.pid() + ", which keeps it to itself",
            "run it again when that program has ended, or use a backup");
      }
    }
  }

  private static void transfer(InputStream in, Path to, Cancellation cancellation)
      throws IOException {
    try (OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[1 << 17];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        cancellation.throwIfRequested();
        Scratch.write(out, buffer, n, to, MARGIN);
      }
    }
  }

  public State state() {
    return state;
  }

  /** The file to open. */
  public Path place() {
    return place;
  }

  /** How to open it. */
  public OpenMode mode() {
    return switch (state) {
      case LIVE, CRASHED -> OpenMode.READ;
      case AT_REST -> OpenMode.IMMUTABLE;
      case COPY -> OpenMode.WRITE;
    };
  }

  /** How to attach it to another one: for reading only, a recovered copy too. */
  public OpenMode modeToAttach() {
    return state == State.LIVE ? OpenMode.READ : OpenMode.IMMUTABLE;
  }

  /** Whether it is in WAL mode. */
  public boolean isWal() {
    return wal;
  }

  /**
   * Which state is read, for a person; null where it is the one that everybody sees.
   *
   * @param done "read", "checked" or "copied"
   */
  public @Nullable String note(String done) {
    return note == null ? null : note.replace(DONE, done);
  }

  /**
   * Whether what was read is worthless, because somebody opened or wrote the file meanwhile. To be
   * asked at the end, before the connection is closed.
   */
  public boolean isDisturbed() {
    return state == State.AT_REST && isChanged();
  }

  /** Whether the file has changed since a copy of it was recovered. What was read is good. */
  public boolean isOutdated() {
    return state == State.COPY && isChanged();
  }

  private boolean isChanged() {
    return before != null && !before.equals(Still.of(file));
  }

  @Override
  public void close() {
    if (resource instanceof LastOut last) {
      last.close();
    } else if (resource instanceof Scratch scratch) {
      scratch.close();
    }
  }

  /**
   * A file and what lies beside it, at one moment.
   *
   * @param header the first bytes, with the change counter
   */
  private record Still(List<@Nullable FileStamp> stamps, ByteBuffer header) {
    /** Before reading. A second write within one tick of the time stamps' clock would go unseen. */
    static Still settled(Path file) {
      FileStamp own = FileStamp.of(file);
      if (own != null && System.currentTimeMillis() - own.modified().toMillis() < TICK_MILLIS) {
        new Cancellation().sleep(Duration.ofMillis(TICK_MILLIS));
      }
      return of(file);
    }

    static Still of(Path file) {
      List<@Nullable FileStamp> stamps = FileStamp.ofDatabase(file);
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      try (DatabaseBytes bytes = DatabaseBytes.of(file)) {
        while (header.hasRemaining() && bytes.channel().read(header, header.position()) > 0) {
          // reads on
        }
      } catch (IOException unreadable) {
        // opening it will say so
      }
      return new Still(stamps, header.flip());
    }
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException gone) {
      return 0;
    }
  }
}
