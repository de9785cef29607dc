package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.DumpScript;
import io.sqlitesafe.internal.db.Insistence;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.owner.OwnedTransaction;
import io.sqlitesafe.internal.owner.Reading;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.PreparedSql;
import io.sqlitesafe.sql.RowSink;
import io.sqlitesafe.sql.SqlStatement;
import io.sqlitesafe.sql.StatementPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with one database, statement after statement, as a shell has it. Reading
 * statements run on a connection that stays open, cannot write and takes no lock but SQLite's
 * SHARED while rows stream. A writing statement runs in a transaction of its own under the
 * exclusive lock. BEGIN takes the lock (and is always BEGIN IMMEDIATE), COMMIT and ROLLBACK give it
 * back.
 *
 * <p>Which statements write is not guessed from their text: each is first given to the connection
 * that cannot write, and SQLite says no before it has done anything.
 *
 * <p>Thread-safe: one operation at a time; {@link #interrupt} and {@link #status} at any time.
 * Where the lock is lost to a breaker, the transaction is rolled back at once, by a thread of its
 * own, and the next operation says so. Every method throws {@link SqliteSafeException}.
 */
public final class SafeSession implements AutoCloseable {
  private final boolean readOnly;
  private final Attachments attachments = new Attachments();
  private final SessionDatabase access;
  private final SessionReader reader;
  private final SessionWriter writer;
  private final DumpScript dump = new DumpScript();

  private volatile @Nullable SqliteSafeException lost;
  private volatile long lastUsed = System.nanoTime();

  SafeSession(Path name, Settings settings, boolean readOnly) {
    this.readOnly = readOnly;
    this.access =
        new SessionDatabase(
            name,
            settings.withListener(new LossListener(settings.listener(), this::onLost)),
            this::interruptStatement);
    this.reader = new SessionReader(attachments);
    this.writer = new SessionWriter(access, attachments, reader);
    reading(session -> session.integer("SELECT 1")); // shows whether it is a database
  }

  /**
   * What a statement did.
   *
   * @param changes rows inserted, updated or deleted by the statement itself
   * @param rows rows returned
   */
  public record Outcome(long changes, long rows) {
    private static final Outcome NOTHING = new Outcome(0, 0);
  }

  /** Gives out the sink for a statement's rows, once it is known what kind of rows they are. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * Called before the first row.
     *
     * @param uncommitted the rows count only once the statement has returned: they come from a
     *     write whose commit is still to follow, or from a read whose shared lock is still to be
     *     validated
     */
    RowSink rows(boolean uncommitted);
  }

  /**
   * The session's state at one moment.
   *
   * @param inTransaction a BEGIN is open, and with it the lock is held
   * @param held for how long
   * @param idle since the last operation ended
   * @param awaited others are waiting for the lock
   */
  public record Status(boolean inTransaction, Duration held, Duration idle, boolean awaited) {}

  /** Runs one statement with parameters by name, each of which must have a value. */
  public synchronized Outcome run(
      SqlStatement statement, Map<String, ? extends @Nullable Object> parameters, Receiver rows) {
    if (!writer.isOpen() && dump.isOpen()) {
      dump.reset(); // its transaction has ended in another way
    }
    DumpScript.Part part = dump.next(statement);
    switch (part) {
      case WRITABLE_SCHEMA:
        return Outcome.NOTHING;
      case VIRTUAL_TABLE:
        return loading(session -> session.addVirtualTable(statement));
      case SEQUENCE_TABLE, SEQUENCE_RESET:
        loading(Handle::addSequenceTable);
        if (part == DumpScript.Part.SEQUENCE_TABLE) {
          return Outcome.NOTHING;
        }
        break;
      default:
        break;
    }
    StatementPolicy.Role role = StatementPolicy.roleInSession(statement);
    try (Operation now = start()) {
      return switch (role) {
        case BEGIN -> done(this::beginNow);
        case COMMIT -> done(writer::commit);
        case ROLLBACK -> done(writer::rollback);
        case ATTACH -> done(() -> attach(statement));
        case DETACH -> done(() -> detach(statement));
        case SETTING -> setting(statement, rows);
        case SAVEPOINT, TEMPORARY -> {
          requireTransaction(statement, role);
          yield writer.inTransaction(session -> run(session, statement, parameters, rows, false));
        }
        case PLAIN -> plain(statement, parameters, rows);
      };
    }
  }

  /** Does in the open transaction what a statement of a dump is for. */
  private Outcome loading(Consumer<Handle> action) {
    try (Operation now = start()) {
      return writer.inTransaction(
          session -> {
            action.accept(session);
            return Outcome.NOTHING;
          });
    }
  }

  private static Outcome done(Runnable action) {
    action.run();
    return Outcome.NOTHING;
  }

  private Outcome plain(
      SqlStatement statement, Map<String, ? extends @Nullable Object> parameters, Receiver rows) {
    if (writer.isOpen()) {
      return writer.inTransaction(session -> run(session, statement, parameters, rows, false));
    }
    try {
      // Without SQLite's locks, what was read counts only once the shared lock has been validated.
      boolean late = access.open().isNetworkExclusive();
      return reading(
          session -> run(session, statement, parameters, rows, late || reader.isProvisional()));
    } catch (SqliteSafeException e) {
      if (!SqlErrors.wouldWrite(e)) {
        throw e;
      }
      requireWritable(e);
      return writingOnly(session -> run(session, statement, parameters, rows, true));
    }
  }

  private Outcome writingOnly(Work<Outcome> work) {
    try {
      return writer.alone(work, true);
    } catch (SqliteSafeException e) {
      throw SqlErrors.wouldWrite(e) && !attachments.isEmpty()
          ? SessionWriter.retold(e, String.valueOf(e.getMessage()), Attachments.WHY)
          : e;
    }
  }

  private static Outcome run(
      Handle session,
      SqlStatement statement,
      Map<String, ? extends @Nullable Object> parameters,
      Receiver rows,
      boolean uncommitted) {
    try (PreparedSql prepared = session.prepare(statement)) {
      for (String parameter : prepared.parameterNames()) {
        if (parameter != null && !parameters.containsKey(parameter)) {
          throw new SqliteSafeException(
              ErrorKind.USAGE, "no value for parameter :" + parameter, "give it a value first");
        }
      }
      PreparedSql.Outcome outcome =
          prepared.run(parameters, names -> rows.rows(uncommitted).columns(names));
      return new Outcome(outcome.changes(), outcome.rows());
    }
  }

  private void requireWritable(@Nullable Throwable cause) {
    if (readOnly) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "this would write, and the session is read-only",
          "start it without --read-only",
          cause);
    }
  }

  private void requireTransaction(SqlStatement statement, StatementPolicy.Role role) {
    if (!writer.isOpen()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          statement.keyword()
              + (role == StatementPolicy.Role.TEMPORARY ? " TEMP" : "")
              + " needs an open transaction here",
          role == StatementPolicy.Role.TEMPORARY
              ? "BEGIN first; temporary objects live until COMMIT or ROLLBACK"
              : "BEGIN first");
    }
  }

  /** Reads: in the open transaction, or else from one snapshot. Waits for others' locks so long. */
  public synchronized <T extends @Nullable Object> T read(Work<T> work) {
    try (Operation now = start()) {
      if (writer.isOpen()) {
        return writer.inTransaction(work);
      }
      return reading(
          session -> {
            try (SessionReader.Snapshot snapshot = reader.snapshot()) {
              return work.run(session);
            }
          });
    }
  }

  /** Writes: all of {@code work} or nothing, in the open transaction or else one of its own. */
  public synchronized <T extends @Nullable Object> T write(Work<T> work) {
    requireWritable(null);
    try (Operation now = start()) {
      return writer.isOpen() ? writer.nested(work) : writer.alone(work, true);
    }
  }

  /**
   * Writes in a transaction of its own, in which SQLite does not enforce foreign keys, and runs
   * none of their actions: {@code work} looks after them.
   */
  public synchronized <T extends @Nullable Object> T writeWithoutForeignKeys(Work<T> work) {
    requireWritable(null);
    try (Operation now = start()) {
      writer.requireNone();
      return writer.alone(work, false);
    }
  }

  /** Takes the lock and begins a transaction. */
  public synchronized void begin() {
    try (Operation now = start()) {
      beginNow();
    }
  }

  /** Commits and gives the lock back. */
  public synchronized void commit() {
    try (Operation now = start()) {
      writer.commit();
    }
  }

  /** Rolls back and gives the lock back. */
  public synchronized void rollback() {
    try (Operation now = begun()) {
      throwIfLost();
      writer.rollback();
    }
  }

  /**
   * Gives up the connection, to be opened again when it is needed. For operations that read or
   * replace the file itself: closing a file drops this process's SQLite locks on it.
   */
  public synchronized void rest() {
    writer.rest();
    reader.close();
  }

  /** Rolls back a transaction in which nothing has happened for so long. */
  public synchronized boolean rollbackIfIdle(Duration limit) {
    if (!writer.isOpen() || System.nanoTime() - lastUsed < limit.toNanos()) {
      return false;
    }
    writer.rollback();
    return true;
  }

  private void beginNow() {
    writer.requireNone();
    requireWritable(null);
    writer.begin();
  }

  // ---- reading and capturing --------------------------------------------------------------------

  /** While one runs, {@link #interrupt} stops it. */
  private interface Operation extends AutoCloseable {
    @Override
    void close();
  }

  private Operation start() {
    Operation now = begun();
    try {
      access.throwIfStoppedForGood(); // whoever stops from now on finds this operation
      throwIfLost();
      return now;
    } catch (SqliteSafeException e) {
      now.close();
      throw e;
    }
  }

  private Operation begun() {
    access.begin();
    return () -> {
      access.end();
      lastUsed = System.nanoTime();
    };
  }

  private void throwIfLost() {
    SqliteSafeException failure = lost;
    if (failure != null) {
      lost = null;
      throw failure;
    }
  }

  private <T extends @Nullable Object> T reading(Work<T> work) {
    Site site = access.open();
    return new Reading(site).run(new OnReader<>(site, work));
  }

  /** Reads on the connection that stays open. */
  private final class OnReader<T extends @Nullable Object> implements Reading.Reader<T> {
    private final Site site;
    private final Work<T> work;

    OnReader(Site site, Work<T> work) {
      this.site = site;
      this.work = work;
    }

    /** A connection for each operation: every commit makes the database another file. */
    @Override
    public T unlocked() {
      try {
        return work.run(reader.open(site));
      } finally {
        reader.close();
      }
    }

    @Override
    public T quietly() {
      return access.patiently(() -> work.run(reader.open(site)));
    }

    @Override
    public boolean isDisturbed() {
      return reader.isDisturbed();
    }

    @Override
    public boolean needsRecovery(SqliteSafeException e) {
      return SessionReader.needsRecovery(e);
    }

    @Override
    public void useCopy() {
      reader.useCopy();
    }

    @Override
    public void counted() {
      reader.tellNotes(site);
    }

    @Override
    public void forget() {
      reader.close();
    }
  }

  /**
   * Captures every transaction from the next one on, a file for each.
   *
   * @param target null = no more
   */
  public synchronized void capture(@Nullable CaptureTarget target) {
    writer.capture(target);
  }

  // ---- attached databases and settings ---------------------------------------------------------

  /** Names in ATTACH are relative to this. */
  public synchronized void setDirectory(Path directory) {
    attachments.setDirectory(directory);
  }

  /** The files that results are of: the database, and what is attached. */
  public synchronized List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(access.open().file()));
    files.addAll(attachments.files());
    return files;
  }

  private void attach(SqlStatement statement) {
    if (writer.isOpen()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "ATTACH is for outside of a transaction", "COMMIT or ROLLBACK first");
    }
    Site file = access.open();
    attachments.add(
        reading(
            session -> {
              Attachments.Attachment one = attachments.parse(statement, session, file);
              reader.attach(one, file);
              return one;
            }));
  }

  private void detach(SqlStatement statement) {
    if (writer.isOpen()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "DETACH is for outside of a transaction", "COMMIT or ROLLBACK first");
    }
    reader.detach(attachments.remove(statement));
  }

  /**
   * Loads an extension, for all connections from now on.
   *
   * @param sql of {@link io.sqlitesafe.sql.Extensions}
   */
  public synchronized void load(String sql) {
    try (Operation now = start()) {
      if (writer.isOpen()) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "an extension is loaded outside of a transaction",
            "COMMIT or ROLLBACK first");
      }
      String before = access.setLoading(access.loading() + sql);
      reader.close();
      try {
        reading(session -> session.integer("SELECT 1"));
      } catch (SqliteSafeException e) {
        access.setLoading(before);
        throw e;
      }
    }
  }

  /** How long statements wait for the locks of others from now on. */
  public synchronized void setPatience(Duration value) {
    access.setPatience(value);
  }

  /**
   * One of SQLite's limits (sqlite.org/c3ref/limit.html).
   *
   * @param value to set from now on; negative = do not
   * @return what it was before
   */
  public synchronized int limit(int id, int value) {
    try (Operation now = start()) {
      int before = reading(session -> reader.limit(id, value));
      if (value >= 0) {
        attachments.addLimit(id, value);
      }
      return before;
    }
  }

  private Outcome setting(SqlStatement statement, Receiver rows) {
    Work<Outcome> work = session -> run(session, statement, Map.of(), rows, false);
    Outcome outcome = !writer.isOpen() ? reading(work) : writer.inTransaction(work);
    attachments.addSetting(statement.sql());
    return outcome;
  }

  // ---- from other threads ----------------------------------------------------------------------

  /**
   * Stops what is going on: waiting for the lock, or a statement. From any thread. The next
   * operation is another; the cancellation of the settings stops all.
   */
  public void interrupt() {
    access.stop();
  }

  private void interruptStatement() {
    reader.interrupt();
    writer.interrupt();
  }

  /** Whether any transaction of this session was committed. From any thread, without waiting. */
  public boolean hasCommitted() {
    return writer.hasCommitted();
  }

  /** From any thread, without waiting. */
  public Status status() {
    OwnedTransaction open = writer.open();
    return new Status(
        open != null,
        open == null ? Duration.ZERO : open.owner().lock().held(),
        Duration.ofNanos(System.nanoTime() - lastUsed),
        open != null && open.owner().site().manager().isAwaited());
  }

  /** The lock was broken. On the heartbeat's thread, which must not wait for a statement. */
  private void onLost() {
    Thread thread = new Thread(this::abandon, "sqlite-safe-lost");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * At once: the next owner waits for SQLite's RESERVED, which an idle transaction would hold for
   * ever.
   */
  private void abandon() {
    OwnedTransaction open = writer.open();
    if (open == null) {
      return; // a statement's own transaction: its commit check says it
    }
    try (Insistence insistence = Insistence.on(open.owner()::interrupt)) {
      synchronized (this) {
        insistence.close();
        if (writer.open() == open) {
          try {
            writer.ensureHeld(open);
          } catch (SqliteSafeException loss) {
            lost = loss;
          }
        }
      }
    }
  }

  /** Rolls back what is open, gives the lock back. */
  @Override
  public synchronized void close() {
    try (access;
        reader) {
      writer.close();
    }
  }
}
