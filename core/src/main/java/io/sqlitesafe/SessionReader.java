package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sqlite.Function;

/**
 * The connection of a session that stays open, for reading only. Between statements it holds no
 * lock. For one thread, but for {@link #interrupt}.
 *
 * <p>Read-only is more than a precaution: a connection that may write would roll back the journal
 * of a writer that is alive, on a file system without SQLite's locks.
 */
final class SessionReader implements AutoCloseable {
  private static final String[] COUNTERS = {"last_insert_rowid", "changes", "total_changes"};

  private final Attachments attachments;
  private final Attached attached = new Attached();
  private final long[] counters = new long[COUNTERS.length];
  private volatile @Nullable Database database;
  private @Nullable QuietRead way;
  private @Nullable Object fileKey;
  private final List<String> notes = new ArrayList<>();
  private boolean copied;

  SessionReader(Attachments attachments) {
    this.attachments = attachments;
  }

  /** The connection, opened if need be; anew where another file has taken the place of the old. */
  Handle open(Site site) {
    Path file = site.file();
    Admission admission = new Admission(site);
    admission.requireAgreement();
    Object key = key(file);
    Database open = database;
    if (open != null && Objects.equals(key, fileKey) && !isDisturbed() && !isOutdated()) {
      return open.handle();
    }
    close();
    Database.requireFile(file, false);
    admission.requireReadable();
    admission.tellDoubt();
    Database fresh = site.isNetworkExclusive() ? nolock(site) : quietly(site);
    try {
      prepare(fresh, site);
    } catch (SQLException e) {
      fresh.close();
      attached.close();
      throw SqlErrors.translate(e, file, "");
    } catch (RuntimeException e) {
      fresh.close();
      attached.close();
      throw e;
    }
    fileKey = key;
    database = fresh;
    return fresh.handle();
  }

  private static Database nolock(Site site) {
    return Database.open(
        site.file(), OpenMode.READ_NOLOCK, BusyRetry.SLICE, new Cancellation(), site.loading());
  }

  private Database quietly(Site site) {
    Path file = site.file();
    QuietRead found =
        copied
            ? QuietRead.recovered(file, Scratch.usualPlace(), site.cancellation())
            : QuietRead.of(file);
    way = found;
    if (found.state() == QuietRead.State.CRASHED) {
      throw ReadOperation.crashed(file, null);
    }
    addNote(found);
    Cancellation none = new Cancellation();
    String loading = site.loading();
    return found.state() == QuietRead.State.COPY
        ? Database.openFor(found.place(), file, found.mode(), BusyRetry.SLICE, none, loading)
        : Database.open(found.place(), found.mode(), BusyRetry.SLICE, none, loading);
  }

  private void addNote(QuietRead found) {
    String note = found.note("read");
    if (note != null) {
      notes.add(note);
    }
  }

  /** Says once which states are read, where they are not those that everybody sees. */
  void tellNotes(Site site) {
    notes.forEach(site.listener()::tidied);
    notes.clear();
  }

  /** Whether an operation failed because a journal or a log has to be recovered first. */
  static boolean needsRecovery(SqliteSafeException e) {
    return ReadOperation.isCrashed(e) || SqlErrors.needsRecovery(e);
  }

  /** From now on a recovered copy is read: nobody here may recover the database itself. */
  void useCopy() {
    close();
    copied = true;
  }

  /** What is read may turn out worthless: see {@link QuietRead}. */
  boolean isProvisional() {
    QuietRead found = way;
    return (found != null && found.state() == QuietRead.State.AT_REST) || attached.isProvisional();
  }

  /** Somebody has recovered the database, or written to it, since a copy was. */
  private boolean isOutdated() {
    QuietRead found = way;
    return (found != null && found.isOutdated()) || attached.isOutdated();
  }

  /** It has turned out so. */
  boolean isDisturbed() {
    QuietRead found = way;
    return (found != null && found.isDisturbed()) || attached.isDisturbed();
  }

  private void prepare(Database fresh, Site site) throws SQLException {
    fresh.execute("SELECT 1 FROM sqlite_schema LIMIT 0"); // shows whether it is a database
    attachments.applyTo(fresh, attached, site.cancellation());
    for (int i = 0; i < COUNTERS.length; i++) {
      Function.create(fresh.connection(), COUNTERS[i], new Counter(i), 0, 0);
    }
  }

  /** A restored backup is another file of the same name, and an open connection reads the old. */
  private static @Nullable Object key(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException gone) {
      return null;
    }
  }

  /** Functions that tell of the last write: that was on another connection. */
  private final class Counter extends Function {
    private final int index;

    Counter(int index) {
      this.index = index;
    }

    @Override
    protected void xFunc() throws SQLException {
      result(counters[index]);
    }
  }

  /** Notes what those functions are to say. */
  void countersFrom(Handle handle) {
    Map<String, @Nullable Object> row =
        handle.rows("SELECT last_insert_rowid(), changes(), total_changes()").get(0);
    int i = 0;
    for (Object value : row.values()) {
      long number = value instanceof Long integer ? integer : 0;
      counters[i] = i == 2 ? counters[i] + number : number;
      i++;
    }
  }

  void attach(Attachments.Attachment one, Site site) {
    Database open = database;
    if (open != null) {
      addNote(attached.add(open, one, site.cancellation()));
    }
  }

  void detach(String schema) {
    Database open = database;
    if (open != null) {
      try {
        open.execute("DETACH \"" + schema.replace("\"", "\"\"") + "\"");
      } catch (SQLException e) {
        throw SqlErrors.translate(e, open.file(), "");
      }
    }
  }

  int limit(int id, int value) {
    Database open = Objects.requireNonNull(database);
    try {
      return open.limit(id, value);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, open.file(), "");
    }
  }

  /** Everything that is read until it is closed is of one moment. */
  Snapshot snapshot() {
    Database open = Objects.requireNonNull(database);
    try {
      open.execute("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SQLException e) {
      end(open);
      throw SqlErrors.translate(e, open.file(), "");
    }
    return () -> end(open);
  }

  /** See {@link #snapshot}. */
  interface Snapshot extends AutoCloseable {
    @Override
    void close();
  }

  private static void end(Database open) {
    try {
      open.execute("ROLLBACK");
    } catch (SQLException noTransaction) {
      // it has ended by itself
    }
  }

  /** From any thread. */
  void interrupt() {
    Database open = database;
    if (open != null) {
      open.interrupt();
    }
  }

  @Override
  public void close() {
    notes.clear();
    Database open = database;
    database = null;
    QuietRead found = way;
    way = null;
    try (found) {
      if (open != null) {
        open.close();
        attached.close();
      }
    }
  }
}
