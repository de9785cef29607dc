package io.sqlitesafe;

import io.sqlitesafe.db.Database;
import io.sqlitesafe.db.SharingPolicy;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRelay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes of one process that come one after the other. They hand the lock on ({@link LockRelay}),
 * and where the caller can wait with its acknowledgements ({@link #share}) they are committed
 * together: each is a savepoint in one transaction, which {@link #commit} makes durable. To others
 * that is the same as if they had been committed one by one, in that order, with nobody in between;
 * what could tell the difference does not get in (see {@link SharingPolicy}). Until {@link #commit}
 * has returned, nothing that such a write returned may be passed on.
 *
 * <p>For one thread.
 */
public final class WriteStream implements AutoCloseable {
  /** Sets last_insert_rowid() back to what it is on a new connection. */
  private static final String FORGET =
      "INSERT OR REPLACE INTO temp." + SharingPolicy.ROWID_RESET + " VALUES(0)";

  private final LockRelay relay;
  private boolean sharing;
  private @Nullable Shared shared;
  private int writes;
  private boolean broken;
  private @Nullable Path unfit;

  /**
   * Nothing is held yet.
   *
   * @param wanted whether this thread is about to write to the same database again, without waiting
   *     for anything before
   * @param idle told what the release of an idle lock has to say
   */
  public WriteStream(BooleanSupplier wanted, LockListener idle) {
    relay = new LockRelay(() -> !isOpen() && wanted.getAsBoolean(), idle);
  }

  /** The transaction of several writes; {@code warnings} grows. */
  private record Shared(
      Path name, LockedAccess access, OpenTransaction transaction, List<String> warnings) {}

  /** What a statement can do wrong without harm to the transaction that it is part of. */
  private static final Pattern HARMLESS =
      Pattern.compile("SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG)(_\\w+)?");

  /** Whether the writes to come may be put off to {@link #commit}, if they can be. */
  public void share(boolean value) {
    sharing = value;
  }

  /** Whether there are writes that {@link #commit} has yet to make durable. */
  boolean isOpen() {
    return shared != null;
  }

  /** Whether a shared transaction may take in another write; others are waiting. */
  public boolean hasTime() {
    Shared open = shared;
    return open != null
        && !broken
        && LockRelay.isInTurn(open.transaction.held(), writes, open.access.mount().isNetwork());
  }

  /**
   * Makes all shared writes durable.
   *
   * @return what needs attention although they are
   * @throws SqliteSafeException where nothing of them has happened; or, of kind UNCERTAIN, where
   *     that cannot be told
   */
  public List<String> commit() {
    Shared open = shared;
    if (open == null) {
      return List.of();
    }
    try {
      open.access.settings().cancellation().throwIfRequested();
      if (broken) {
        throw new SqliteSafeException(ErrorKind.FAILED, "a write took others with it", null);
      }
      commit(open);
    } catch (RuntimeException e) {
      end(open, e::addSuppressed);
      throw e;
    }
    end(open, e -> open.warnings.add("committed to " + open.name + ", but: " + e.getMessage()));
    return open.warnings;
  }

  private static void commit(Shared open) {
    Settings settings = open.access.settings();
    Duration rest =
        settings.patience() == null ? null : settings.busyTimeout(open.transaction.held());
    Patience.run(
        rest,
        settings.cancellation(),
        () -> {
          open.transaction.commit();
          return true;
        });
  }

  private void end(Shared open, Consumer<SqliteSafeException> failure) {
    try {
      open.transaction.close();
    } catch (SqliteSafeException e) {
      failure.accept(e);
    } finally {
      shared = null;
      broken = false;
    }
  }

  /**
   * For operations that are not shared, of which none may come while there is something to commit.
   */
  LockRelay relay() {
    if (isOpen()) {
      throw new IllegalStateException("commit the shared writes first");
    }
    return relay;
  }

  /** Whether a write to the database of this name is to be one of several in a transaction. */
  boolean takes(Path name) {
    Shared open = shared;
    return open == null ? sharing && !name.equals(unfit) : name.equals(open.name);
  }

  /** Runs {@code work} in the shared transaction; if it fails, nothing of it has happened there. */
  <T extends @Nullable Object> Written<T> write(Path name, Settings settings, Work<T> work) {
    long started = System.nanoTime();
    Duration waited = Duration.ZERO;
    Shared open = shared;
    boolean first = open == null;
    if (open == null) {
      List<String> warnings = new ArrayList<>();
      LockListener noticing = new LockedAccess.Collecting(settings.listener(), warnings);
      LockedAccess access = SafeDatabase.access(name, settings.withListener(noticing));
      open = open(name, access, warnings);
      if (open == null) {
        return new WriteOperation(access, WriteOptions.DEFAULT).run(work);
      }
      shared = open;
      waited = open.transaction.waited();
    }
    writes = first ? 1 : writes + 1;
    OpenTransaction transaction = open.transaction;
    T value = nested(transaction, work);
    Duration held = Duration.ofNanos(System.nanoTime() - started).minus(waited);
    return new Written<>(
        value,
        new Written.LockUse(waited, held, transaction.token().hex()),
        true,
        first && transaction.recovered(),
        null,
        null,
        new ArrayList<>());
  }

  private <T extends @Nullable Object> T nested(OpenTransaction transaction, Work<T> work) {
    broken = true; // an Error may leave half of the work there
    try {
      transaction.execute(FORGET);
      T value = transaction.nested(transaction.session(), work);
      broken = false;
      return value;
    } catch (RuntimeException e) {
      broken = transaction.endedBySqlite() || !isHarmless(e);
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

  /** Null where writes to this database have to be committed one by one. */
  private @Nullable Shared open(Path name, LockedAccess access, List<String> warnings) {
    Database.requireFile(access.paths().database(), false);
    Database.preload();
    OpenTransaction transaction = OpenTransaction.take(access, new Attachments(), null, true);
    try {
      if (SharingPolicy.maySee(transaction.session())) {
        transaction.execute(
            "CREATE TEMP TABLE " + SharingPolicy.ROWID_RESET + "(x INTEGER PRIMARY KEY)");
        return new Shared(name, access, transaction, warnings);
      }
    } catch (RuntimeException e) {
      transaction.close();
      throw e;
    }
    transaction.close();
    unfit = name;
    return null;
  }

  /** Rolls back what is not committed, and releases a lock that lies idle. */
  @Override
  public void close() {
    Shared open = shared;
    shared = null;
    if (open != null) {
      open.transaction.close();
    }
    relay.close();
  }
}
