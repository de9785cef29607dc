package io.sqlitesafe.internal.db;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileOwner;
import io.sqlitesafe.sql.Extensions;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.OpenMode;
import io.sqlitesafe.sql.StatementListener;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteOpenMode;
import org.sqlite.core.DB;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * One SQLite connection, opened right: never a new file by mistake, foreign keys enforced, every
 * commit synced. Not thread-safe, but for cancellation.
 *
 * <p>The trap behind this class: POSIX drops <em>all</em> of a process's locks on a file when
 * <em>any</em> of its descriptors of that file is closed (sqlite.org/howtocorrupt.html, section
 * 2.2). So nothing in this library opens a database, its journal or its shared memory by Java's
 * file API while a connection may be open on it, not even to read the header: every look into the
 * file goes through SQLite, which shares descriptors among its connections.
 */
public final class Database implements AutoCloseable {
  /**
   * Connections that may not be closed any more, because closing would roll back, and that would
   * write where another owner of the lock may be writing by now. Kept so that nothing else closes
   * them; the end of the process does not.
   */
  private static final Collection<JDBC4Connection> ABANDONED = new ConcurrentLinkedQueue<>();

  private static final int MAX_SQL_BYTES = 1_000_000_000;
  private static final String ENFORCING = "PRAGMA foreign_keys=ON;";
  private static final String MEMORY = ":memory:";

  private final Path file;
  private final Path place;
  private final boolean nolock;
  private final JDBC4Connection connection;
  private final BusyWait wait;
  private volatile Interrupter interrupter;
  private Cancellation cancellation;
  private @Nullable Memory memory;
  private @Nullable BooleanSupplier permission;
  private String loading = "";

  private Database(
      Path file,
      Path place,
      boolean nolock,
      JDBC4Connection connection,
      BusyWait wait,
      Cancellation cancellation)
      throws SQLException {
    this.file = file;
    this.place = place;
    this.nolock = nolock;
    this.connection = connection;
    this.wait = wait;
    this.cancellation = cancellation;
    this.interrupter = new Interrupter(connection.getDatabase(), cancellation);
  }

  /**
   * Opens {@code file}.
   *
   * @param busy for how long SQLite waits for the locks of others
   * @param cancellation interrupts a running statement, and a wait for a lock
   * @throws SqliteSafeException {@link ErrorKind#NO_DATABASE} where there is no such file, {@link
   *     ErrorKind#UNSAFE} where opening would lose data (see {@link EmptyFile})
   */
  public static Database open(Path file, OpenMode mode, Duration busy, Cancellation cancellation) {
    return open(file, mode, busy, cancellation, "");
  }

  /**
   * As above.
   *
   * @param first pragmas that SQLite heeds only before it has read anything, each ended by a
   *     semicolon
   */
  public static Database open(
      Path file, OpenMode mode, Duration busy, Cancellation cancellation, String first) {
    requireFile(file, mode.isCreating());
    if (!mode.isReading()) {
      requireWritable(file);
    }
    String pragmas =
        mode.isReading() ? "PRAGMA query_only=ON" : ENFORCING + "PRAGMA synchronous=FULL";
    return open(file, file, mode, busy, cancellation, first + pragmas);
  }

  /**
   * As above, of a file that stands for another: messages go by the name of that.
   *
   * @param place what is opened
   * @param name what {@link #file} is to say
   */
  public static Database openFor(
      Path place,
      Path name,
      OpenMode mode,
      Duration busy,
      Cancellation cancellation,
      String first) {
    requireFile(place, mode.isCreating());
    return open(name, place, mode, busy, cancellation, first + "PRAGMA query_only=ON");
  }

  /**
   * Opens a private copy of a database, which nobody else knows of: without locks, and without
   * syncs, for a crash leaves nothing of it. It goes by the name of the database.
   *
   * @param image the copy; made where it is missing
   * @param database what {@link #file} is to say
   */
  public static Database openImage(
      Path image, Path database, Cancellation cancellation, String first) {
    return open(
        database,
        image,
        OpenMode.CREATE_NOLOCK,
        Duration.ZERO,
        cancellation,
        first + ENFORCING + "PRAGMA synchronous=OFF");
  }

  private static Database open(
      Path file,
      Path place,
      OpenMode mode,
      Duration busy,
      Cancellation cancellation,
      String pragmas) {
    if (mode != OpenMode.IMMUTABLE) {
      EmptyFile.requireNoRemains(place);
    }
    String query = mode == OpenMode.IMMUTABLE ? "?immutable=1" : mode.isNolock() ? "?nolock=1" : "";
    try (LiveLog log = mode == OpenMode.READ ? LiveLog.hold(place, busy, cancellation) : null) {
      JDBC4Connection connection = connect(place, query, mode);
      BusyWait wait = new BusyWait(cancellation, busy);
      Database database =
          new Database(file, place, mode.isNolock(), connection, wait, cancellation);
      try {
        database.driver().busy_handler(wait);
        database.requireOpened();
        database.execute(database.load(pragmas));
        if (log != null) {
          database.join("main");
        }
        return database;
      } catch (SQLException | RuntimeException e) {
        database.close();
        throw e;
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, file, "");
    }
  }

  /** Loads what {@link Extensions} want; returns the other statements. */
  private String load(String pragmas) throws SQLException {
    int from = pragmas.indexOf(Extensions.BEGIN);
    if (from < 0) {
      return pragmas;
    }
    int to = pragmas.lastIndexOf(Extensions.END) + Extensions.END.length();
    loading = pragmas.substring(from, to);
    driver().enable_load_extension(true);
    try {
      execute(loading);
    } catch (SQLException e) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "cannot load an extension: " + SqlErrors.text(e),
          "nothing was done; name a library for SQLite that was built for this system, with its"
              + " path",
          e);
    } finally {
      driver().enable_load_extension(false);
    }
    return pragmas.substring(0, from) + pragmas.substring(to);
  }

  /**
   * The lock is named after one file; SQLite must have opened the same. It resolves links by
   * itself, so a directory on the way that has become a link since shows here, and so would a name
   * that SQLite reads in another way.
   */
  private void requireOpened() throws SQLException {
    if (File.separatorChar != '/') {
      return;
    }
    try (PreparedStatement list = connection.prepareStatement("PRAGMA database_list");
        ResultSet main = list.executeQuery()) {
      String opened = main.next() ? main.getString(3) : "";
      if (!opened.equals(place.toString()) && !isSame(opened)) {
        throw new SqliteSafeException(
            ErrorKind.UNSAFE,
            "SQLite opened " + opened + " in place of " + place,
            "nothing was changed; look for a link on the way that was changed just now");
      }
    }
  }

  private boolean isSame(String opened) {
    try {
      return Files.isSameFile(Path.of(opened), place); // by a link that the caller left unresolved
    } catch (IOException | InvalidPathException gone) {
      return false;
    }
  }

  /**
   * Another connection, which sees the database as it was before this one's open transaction, as
   * long as that is not committed and has not spilt.
   */
  public Database openBefore(Duration busy, Cancellation cancellation) {
    if (!nolock) {
      return open(place, OpenMode.READ, busy, cancellation, loading);
    }
    if (Files.exists(file)) {
      return open(file, OpenMode.READ_NOLOCK, busy, cancellation, loading);
    }
    try {
      Path memory = Path.of(MEMORY);
      BusyWait wait = new BusyWait(cancellation, busy);
      return new Database(file, memory, true, memory(), wait, cancellation);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, file, "");
    }
  }

  private static JDBC4Connection memory() throws SQLException {
    return new JDBC4Connection("jdbc:sqlite:" + MEMORY, MEMORY, new Properties());
  }

  /**
   * Loads the driver and its native library by way of a database in memory. For before the lock:
   * others should not have to wait for it. (The real file must not be opened that early: whoever
   * holds the lock may be replacing it.)
   */
  public static void preload() {
    Preloaded.once();
  }

  private static final class Preloaded {
    static {
      try (JDBC4Connection memory = memory()) {
        memory.getDatabase()._exec("BEGIN IMMEDIATE; ROLLBACK");
      } catch (SQLException | LinkageError e) {
        // Opening the real file will fail in the same way, and say so.
      }
    }

    static void once() {}
  }

  /**
   * A FIFO would hang, a directory give an I/O error, a missing file be created: refuse all three
   * by name.
   */
  public static void requireFile(Path file, boolean mayBeMissing) {
    if (file.toString().indexOf('\uFFFD') >= 0 && !Path.of(file.toString()).equals(file)) {
      // SQLite is given the text, and would open or make a file of another name.
      throw noDatabase(
          "the name of " + file + " is not valid UTF-8", "rename the file; nothing was touched");
    }
    BasicFileAttributes found = attributes(file);
    if (found == null) {
      if (mayBeMissing) {
        return;
      }
      throw noDatabase(
          "there is no file " + file, "check the name; to make a new database: write --create");
    }
    if (found.isDirectory()) {
      throw noDatabase(file + " is a directory, not a SQLite database", "name the file in it");
    }
    if (!found.isRegularFile()) {
      throw noDatabase(file + " is not a regular file", "name a SQLite database");
    }
    if (!Files.isReadable(file)) {
      throw noDatabase(
          FileOwner.mayNot("read", file), "permission denied; ask the owner of the file");
    }
  }

  /** Of what it leads to; null where there is nothing. */
  private static @Nullable BasicFileAttributes attributes(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class);
    } catch (IOException missing) {
      return null;
    }
  }

  /**
   * SQLite would fall back to reading, and with a write-ahead log make files beside the database
   * that only this user can write: then nobody could use it any more.
   */
  private static void requireWritable(Path file) {
    if (!Files.isWritable(file) && Files.exists(file)) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          FileOwner.mayNot("write", file),
          "nothing was changed; run it as a user who may write the file and its directory");
    }
  }

  private static SqliteSafeException noDatabase(String message, String hint) {
    return new SqliteSafeException(ErrorKind.NO_DATABASE, message, hint);
  }

  private static JDBC4Connection connect(Path file, String query, OpenMode mode)
      throws SQLException {
    Properties properties = new Properties();
    int flags =
        switch (mode) {
          case READ, IMMUTABLE, READ_NOLOCK -> SQLiteOpenMode.READONLY.flag;
          case WRITE, WRITE_NOLOCK -> SQLiteOpenMode.READWRITE.flag;
          case CREATE, CREATE_NOLOCK -> SQLiteOpenMode.READWRITE.flag | SQLiteOpenMode.CREATE.flag;
        };
    properties.setProperty("open_mode", Integer.toString(flags));
    properties.setProperty("busy_timeout", "0"); // see BusyWait
    properties.setProperty("limit_sql_length", Integer.toString(MAX_SQL_BYTES));
    properties.setProperty("jdbc.get_generated_keys", "false");
    String uri = uri(file) + query;
    return new JDBC4Connection("jdbc:sqlite:" + uri, uri, properties);
  }

  /**
   * The driver takes everything after a "?" for options, so the path goes in as a percent-encoded
   * URI.
   */
  public static String uri(Path file) {
    StringBuilder uri = new StringBuilder("file:");
    String path = file.toAbsolutePath().toString();
    if (File.separatorChar == '\\') {
      path = path.replace('\\', '/'); // elsewhere it is a letter like others
    }
    if (!path.startsWith("/")) {
      uri.append('/'); // Windows: file:/C:/...
    }
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "/._-:~".indexOf(c) >= 0);
      if (plain) {
        uri.append(c);
      } else {
        uri.append('%')
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      }
    }
    return uri.toString();
  }

  /**
   * Whether the file is marked for a write-ahead log, found out without opening one. With {@code
   * nolock} SQLite can use no shared memory, so that a WAL file, and only that, cannot be opened;
   * and read-only it rolls nothing back.
   */
  public static boolean isWal(Path file) {
    requireFile(file, false);
    EmptyFile.requireNoRemains(file);
    try (JDBC4Connection probe = connect(file, "?nolock=1", OpenMode.READ)) {
      probe.getDatabase()._exec("PRAGMA journal_mode");
      return false;
    } catch (SQLException e) {
      if (SqlErrors.isCannotOpen(e)) {
        return true;
      }
      if (SqlErrors.needsRecovery(e)) {
        return false; // a hot rollback journal
      }
      throw SqlErrors.translate(e, file, "");
    }
  }

  /** The database, by its name. */
  public Path file() {
    return file;
  }

  /** The file that is open: the database, or a private copy of it. */
  Path place() {
    return place;
  }

  /**
   * Asks {@code value} before anything that would roll back or close; where it says no, the
   * connection is abandoned as it is. For a connection without SQLite's locks, where only the lock
   * of the protocol keeps another owner's files from being rolled back too.
   */
  public void requirePermission(BooleanSupplier value) {
    permission = value;
  }

  /** Whether the file may still be touched. */
  boolean isPermitted() {
    return permission == null || permission.getAsBoolean();
  }

  /**
   * The connection itself. Transactions are this library's business: leave BEGIN and COMMIT to it.
   */
  public JDBC4Connection connection() {
    return connection;
  }

  /** For a unit of work: what would end its transaction is refused. */
  public Handle handle() {
    return handle(null);
  }

  /** As above, with somebody looking on. */
  public Handle handle(@Nullable StatementListener listener) {
    return new Handle(connection, file, true, listener);
  }

  /** For this library's own pragmas, outside any transaction. */
  public Handle unguarded() {
    return new Handle(connection, file, false, null);
  }

  /** Runs statements that return nothing. */
  public void execute(String sql) throws SQLException {
    driver()._exec(sql); // exec() would run the first statement only
  }

  public DB driver() throws SQLException {
    return connection.getDatabase();
  }

  /**
   * Attaches another database, which must exist, for reading only (sqlite.org/uri.html, "mode=ro").
   *
   * @param mode READ or IMMUTABLE
   */
  public void attach(Path other, OpenMode mode, String schema) throws SQLException {
    boolean immutable = mode == OpenMode.IMMUTABLE;
    String uri = uri(other) + (immutable ? "?immutable=1" : "?mode=ro"); // it holds no quote
    String name = quoted(schema);
    try (LiveLog log = immutable ? null : LiveLog.hold(other, wait.patience(), cancellation)) {
      execute("ATTACH '" + uri + "' AS " + name);
      if (log != null) {
        join(schema);
      }
    }
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** Reads, so that SQLite holds its own lock; what has to be recovered first is met again. */
  private void join(String schema) throws SQLException {
    try {
      execute("SELECT 1 FROM " + quoted(schema) + ".sqlite_schema LIMIT 0");
    } catch (SQLException e) {
      if (!SqlErrors.needsRecovery(e)) {
        throw e;
      }
    }
  }

  /** Sets a limit (sqlite.org/c3ref/limit.html), unless negative, and tells what it was. */
  public int limit(int id, int value) throws SQLException {
    return driver().limit(id, value);
  }

  /**
   * Makes this connection, on which nothing but plain statements were run, what a new one is: for
   * another operation, which must not notice those before it.
   *
   * @return false where that cannot be done
   */
  public boolean resume(Duration busy, Cancellation by) throws SQLException {
    wait.resume(busy, by);
    cancellation = by;
    interrupter.close();
    interrupter = new Interrupter(driver(), by);
    Memory of = memory;
    if (of == null) {
      if (!Memory.isPossible(this)) {
        return false;
      }
      of = new Memory(this);
      memory = of;
    }
    of.forget();
    return true;
  }

  /** Sets for how long SQLite waits for the locks of others from now on. */
  public void setBusyTimeout(Duration time) {
    wait.setPatience(time);
  }

  /** Ends a running statement, from any thread. */
  public void interrupt() {
    interrupter.interrupt();
  }

  /** Closes; SQLite rolls back what is not committed. */
  @Override
  public void close() {
    interrupter.close();
    if (!isPermitted()) {
      ABANDONED.add(connection);
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      throw SqlErrors.translate(e, file, "closing: ");
    }
  }
}
