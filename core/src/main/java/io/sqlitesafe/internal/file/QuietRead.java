package io.sqlitesafe.internal.file;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.FileUse;
import io.sqlitesafe.internal.fs.Owner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final String CHANGING = "changing";
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
    return Files.isWritable(file.resolveSibling("")) && Owner.makesFilesFor(file);
  }

  /**
   * A private copy, to be opened for writing so that SQLite recovers it. Whoever recovers the
   * original meanwhile changes its journal at the end, and this is seen.
   *
   * @param scratch where it is made
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY} where somebody uses the original, or
   *     changes it each time while it is copied
   */
  public static QuietRead recovered(Path file, Path scratch, Cancellation cancellation) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      String suffix = size(beside(file, "-journal")) > 0 ? "-journal" : "-wal";
      QuietRead copy = copy(file, suffix, scratch, cancellation);
      if (copy != null) {
        return copy;
      }
    }
    throw changing(file);
  }

  /** The error of a file that was changed each time while it was read. */
  public static SqliteSafeException changing(Path file) {
    return new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            file + " was changed each time while it was read",
            "run it again when it is not being opened, replaced or recovered")
        .with(CHANGING, true);
  }

  /** Whether {@code e} is {@link #changing}: another attempt may do. */
  public static boolean isChanging(SqliteSafeException e) {
    return e.details().containsKey(CHANGING);
  }

  private static @Nullable QuietRead copy(
      Path file, String suffix, Path scratch, Cancellation cancellation) {
    requireNobodyAlone(file);
    List<@Nullable FileStamp> before = FileStamp.ofDatabase(file);
    Path journal = beside(file, suffix);
    Scratch room = Scratch.create(scratch, size(file) + 2 * size(journal) + MARGIN);
    try {
      Path copy = room.directory().resolve(COPY);
      transfer(file, copy, cancellation);
      transfer(journal, room.directory().resolve(COPY + suffix), cancellation);
      if (before.equals(FileStamp.ofDatabase(file))) {
        String note =
            "a crashed writer left "
                + journal.getFileName()
                + "; what was "
                + DONE
                + " is a recovered copy, the file itself was left as it is";
        return new QuietRead(file, copy, State.COPY, suffix.equals("-wal"), null, room, note);
      }
      room.close();
      return null;
    } catch (IOException e) {
      room.close();
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
        throw new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            file + " is locked by pid " + lock.pid() + ", which keeps it to itself",
            "run it again when that program has ended, or use a backup");
      }
    }
  }

  private static void transfer(Path from, Path to, Cancellation cancellation) throws IOException {
    try (InputStream in = Files.newInputStream(from);
        OutputStream out = Files.newOutputStream(to)) {
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
  public Database.Mode mode() {
    return switch (state) {
      case LIVE, CRASHED -> Database.Mode.READ;
      case AT_REST -> Database.Mode.IMMUTABLE;
      case COPY -> Database.Mode.WRITE;
    };
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
