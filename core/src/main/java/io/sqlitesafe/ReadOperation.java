package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.file.Scratch;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Reading;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.sql.OpenMode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The path of a read: open read-only, no lock but SQLite's own SHARED, and leave nothing behind
 * ({@link QuietRead}); in network-exclusive access the shared lock of the protocol. What counts,
 * and when it is done again, says {@link Reading}. Used once.
 */
final class ReadOperation<T extends @Nullable Object> implements Reading.Reader<T> {
  private static final String CRASHED = "crashed";

  private final Site site;
  private final boolean snapshot;
  private final ReadWork<T> work;
  private boolean copied;
  private boolean disturbed;
  private @Nullable String note;

  /**
   * @param snapshot everything is read from one snapshot, whose SHARED lock keeps writers from
   *     committing meanwhile; without, each statement has its own
   */
  ReadOperation(Site site, boolean snapshot, ReadWork<T> work) {
    this.site = site;
    this.snapshot = snapshot;
    this.work = work;
  }

  T run() {
    Admission admission = new Admission(site);
    admission.requireServed();
    admission.tellDoubt();
    try {
      return new Reading(site).run(this);
    } catch (SqliteSafeException e) {
      throw site.cancellation().instead(e);
    }
  }

  @Override
  public T unlocked() {
    OpenMode mode = OpenMode.READ_NOLOCK;
    try (Database database =
        Database.open(site.file(), mode, busy(), site.cancellation(), site.loading())) {
      beginReading(database);
      return work.run(new ReadWork.View(database.handle(), site.file(), mode, true));
    }
  }

  private Duration busy() {
    return site.rest(Duration.ZERO);
  }

  @Override
  public T quietly() {
    disturbed = false;
    try (QuietRead way = way()) {
      if (way.state() == QuietRead.State.CRASHED) {
        throw crashed(site.file(), null);
      }
      try (Database database = open(way)) {
        beginReading(database);
        note = way.note("read");
        boolean provisional = way.state() == QuietRead.State.AT_REST;
        return work.run(new ReadWork.View(database.handle(), way.place(), way.mode(), provisional));
      } finally {
        disturbed = way.isDisturbed();
      }
    }
  }

  @Override
  public void counted() {
    if (note != null) {
      site.listener().tidied(note);
    }
  }

  private QuietRead way() {
    return copied
        ? QuietRead.recovered(site.file(), Scratch.usualPlace(), site.cancellation())
        : QuietRead.of(site.file());
  }

  private Database open(QuietRead way) {
    Cancellation cancellation = site.cancellation();
    String loading = site.loading();
    return way.state() == QuietRead.State.COPY
        ? Database.openFor(way.place(), site.file(), way.mode(), busy(), cancellation, loading)
        : Database.open(way.place(), way.mode(), busy(), cancellation, loading);
  }

  /**
   * BEGIN alone takes no lock; the first read does, and shows whether the file is what it should
   * be.
   */
  private void beginReading(Database database) {
    try {
      database.execute((snapshot ? "BEGIN;" : "") + "SELECT 1 FROM sqlite_schema LIMIT 0");
    } catch (SQLException e) {
      throw SqlErrors.needsRecovery(e)
          ? crashed(site.file(), e)
          : SqlErrors.translate(e, database.file(), "");
    }
  }

  static SqliteSafeException crashed(Path file, @Nullable SQLException cause) {
    return new SqliteSafeException(
            ErrorKind.FAILED,
            file + " has to be recovered from a crash first",
            "run any command that writes to it",
            cause)
        .with(CRASHED, true);
  }

  static boolean isCrashed(SqliteSafeException e) {
    return e.details().containsKey(CRASHED);
  }

  @Override
  public boolean isDisturbed() {
    return disturbed;
  }

  @Override
  public boolean needsRecovery(SqliteSafeException e) {
    return isCrashed(e);
  }

  @Override
  public void useCopy() {
    copied = true;
  }

  @Override
  public void forget() {}
}
