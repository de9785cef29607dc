package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.GroupPolicy;
import io.sqlitesafe.internal.owner.Keeper;
import io.sqlitesafe.internal.owner.Opening;
import io.sqlitesafe.internal.owner.OwnedTransaction;
import io.sqlitesafe.internal.owner.Owner;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.internal.owner.Turns;
import io.sqlitesafe.internal.owner.Warnings;
import io.sqlitesafe.lock.LockListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes to one database that come one after the other. The lock and the connection are kept from
 * one to the next while nobody else wants them ({@link Keeper} has the bounds: some tens of
 * milliseconds without a write, or a turn where others wait). None can tell that others were there
 * before it on the same connection, except by a name: the connection has a temporary table {@code
 * last_rowid_reset}.
 *
 * <p>Where the caller can wait with its acknowledgements ({@link #group}), writes are committed
 * together: each is a savepoint in one transaction, which {@link #commit} makes durable. To others
 * that is the same as if they had been committed one by one, in that order, with nobody in between;
 * what could tell the difference does not get in ({@link #takes}). Until {@link #commit} has
 * returned, nothing that such a write returned may be passed on.
 *
 * <p>For one thread; it excludes other threads as it does other processes.
 */
public final class WriteStream implements WriteDoor, AutoCloseable {
  /** Sets last_insert_rowid() back to what it is on a new connection. */
  private static final String FORGET =
      "INSERT OR REPLACE INTO temp." + GroupPolicy.ROWID_RESET + " VALUES(0)";

  /** What a statement can do wrong without harm to the transaction that it is part of. */
  private static final Pattern HARMLESS =
      Pattern.compile("SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG)(_\\w+)?");

  private final Path name;
  private final Settings settings;
  private final Turns turns;
  private final Keeper keeper;
  private boolean writing;
  private boolean grouping;
  private boolean unfit;
  private @Nullable Group group;

  WriteStream(
      Path name, Settings settings, Turns turns, BooleanSupplier queued, LockListener idle) {
    this.name = name;
    this.settings = settings;
    this.turns = turns;
    this.keeper = new Keeper(() -> group == null && queued.getAsBoolean(), idle);
  }

  /** The transaction of several writes. */
  private static final class Group {
    private final OwnedTransaction transaction;
    private final Warnings warnings;
    private boolean broken;

    Group(OwnedTransaction transaction, Warnings warnings) {
      this.transaction = transaction;
      this.warnings = warnings;
    }

    Owner owner() {
      return transaction.owner();
    }
  }

  /** The database that it writes to, by the name that it was opened with. */
  public Path name() {
    return name;
  }

  /** The same stream, for writes with other settings. */
  public WriteDoor with(Settings other) {
    return new WriteDoor() {
      @Override
      public <T extends @Nullable Object> Written<T> write(WriteOptions options, Work<T> work) {
        return WriteStream.this.write(other, options, work);
      }
    };
  }

  @Override
  public <T extends @Nullable Object> Written<T> write(WriteOptions options, Work<T> work) {
    return write(settings, options, work);
  }

  private <T extends @Nullable Object> Written<T> write(
      Settings how, WriteOptions options, Work<T> work) {
    if (writing) {
      throw Turns.nested(name);
    }
    writing = true;
    try {
      if (isGrouped(options)) {
        return grouped(how, work);
      }
      if (group != null) {
        throw new IllegalStateException("commit the writes that were done together first");
      }
      return alone(how, options, work);
    } finally {
      writing = false;
    }
  }

  private <T extends @Nullable Object> Written<T> alone(
      Settings how, WriteOptions options, Work<T> work) {
    WriteOperation operation = new WriteOperation(name, how, options, keeper);
    turns.await(operation.site());
    try {
      return operation.run(work);
    } finally {
      turns.pass();
    }
  }

  // ---- writes that are committed together ------------------------------------------------------

  /**
   * The one place that says which writes may be committed together, as far as can be seen before
   * one is run; the schema is looked at when the first is.
   *
   * @param scripts all SQL that such a write runs
   */
  public static boolean takes(WriteOptions options, List<String> scripts) {
    try {
      return options.equals(WriteOptions.DEFAULT)
          && scripts.stream().allMatch(GroupPolicy::mayGroup);
    } catch (SqliteSafeException unreadable) {
      return false; // running it will say why
    }
  }

  /** Whether the writes to come, which {@link #takes} allows, may be put off to {@link #commit}. */
  public void group(boolean value) {
    grouping = value;
  }

  private boolean isGrouped(WriteOptions options) {
    return options.equals(WriteOptions.DEFAULT) && (group != null || (grouping && !unfit));
  }

  /** Whether a common transaction may take in another write; others are waiting. */
  public boolean hasTime() {
    Group open = group;
    return open != null && !open.broken && Keeper.isInTurn(open.owner(), true);
  }

  private <T extends @Nullable Object> Written<T> grouped(Settings how, Work<T> work) {
    long started = System.nanoTime();
    Duration waited = Duration.ZERO;
    Group open = group;
    boolean first = open == null;
    if (open == null) {
      open = open(how);
      if (open == null) {
        return alone(how, WriteOptions.DEFAULT, work);
      }
      group = open;
      waited = open.owner().waited();
    }
    T value = nested(open, work);
    Duration held = Duration.ofNanos(System.nanoTime() - started).minus(waited);
    return new Written<>(
        value,
        new Written.LockUse(waited, held, open.owner().lock().token().hex()),
        true,
        first && open.owner().recovered(),
        null,
        null,
        List.of());
  }

  /** Null where writes to this database have to be committed one by one. */
  private @Nullable Group open(Settings how) {
    Warnings warnings = new Warnings(how.listener());
    Settings own = how.withListener(warnings);
    Site site = keeper.site(name, own.lock(), own.file(), own.parent());
    Database.requireFile(site.file(), false);
    Database.preload();
    turns.await(site); // until it ends
    try {
      OwnedTransaction transaction = begin(site);
      if (transaction != null) {
        return new Group(transaction, warnings);
      }
    } catch (RuntimeException e) {
      turns.pass();
      throw e;
    }
    turns.pass();
    unfit = true;
    return null;
  }

  private @Nullable OwnedTransaction begin(Site site) {
    Owner owner = keeper.enter(site);
    boolean begun = false;
    try {
      // What is left of the patience, however little, allows for one attempt.
      Duration rest = site.patience() == null ? null : site.rest(owner.waited());
      OwnedTransaction transaction =
          BusyRetry.inSlices(
              rest,
              site.cancellation(),
              () -> {
                owner.open(Opening.PLAIN, BusyRetry.SLICE);
                return keeper.begin(owner);
              });
      if (!GroupPolicy.schemaAllows(transaction.handle())) {
        transaction.close();
        return null;
      }
      transaction.execute(GroupPolicy.MAKE_ROWID_RESET);
      begun = true;
      return transaction;
    } finally {
      if (!begun) {
        keeper.leave(owner, false);
      }
    }
  }

  private static <T extends @Nullable Object> T nested(Group open, Work<T> work) {
    open.broken = true; // an Error may leave half of the work there
    try {
      open.transaction.execute(FORGET);
      T value = open.transaction.nested(work::run);
      open.broken = false;
      return value;
    } catch (RuntimeException e) {
      open.broken = open.transaction.closeIfEndedBySqlite() || !isHarmless(e);
      throw e;
    }
  }

  private static boolean isHarmless(RuntimeException e) {
    return e instanceof SqliteSafeException known
        && switch (known.kind()) {
          case PRECONDITION, USAGE -> true;
          case FAILED -> HARMLESS.matcher(String.valueOf(known.details().get("sqlite"))).matches();
          default -> false;
        };
  }

  /**
   * Makes all writes durable that were done together.
   *
   * @return what needs attention although they are
   * @throws SqliteSafeException where nothing of them has happened; or, of kind UNCERTAIN, where
   *     that cannot be told
   */
  public List<String> commit() {
    Group open = group;
    if (open == null) {
      return List.of();
    }
    try {
      open.owner().site().cancellation().throwIfRequested();
      if (open.broken) {
        throw new SqliteSafeException(ErrorKind.FAILED, "a write took others with it", null);
      }
      commit(open);
    } catch (RuntimeException e) {
      end(open, false, e::addSuppressed);
      throw e;
    }
    end(
        open,
        true,
        e -> open.warnings.warning("committed to " + name + ", but: " + e.getMessage()));
    return open.warnings.copy();
  }

  private static void commit(Group open) {
    Site site = open.owner().site();
    Duration rest = site.patience() == null ? null : site.rest(open.owner().held());
    BusyRetry.inSlices(
        rest,
        site.cancellation(),
        () -> {
          open.transaction.commit(false);
          return true;
        });
  }

  private void end(Group open, boolean plain, Consumer<SqliteSafeException> failure) {
    boolean closed = false;
    try {
      open.transaction.close();
      closed = true;
    } catch (SqliteSafeException e) {
      failure.accept(e);
    } finally {
      group = null;
      keeper.leave(open.owner(), plain && closed);
      turns.pass();
    }
  }

  // ---- what is kept ----------------------------------------------------------------------------

  /** Gives up at once what is kept. From any thread. */
  public void release() {
    keeper.release();
  }

  /** Rolls back what is not committed, and gives up what is kept. */
  @Override
  public void close() {
    Group open = group;
    if (open != null) {
      end(open, false, e -> {});
    }
    keeper.release();
  }
}
