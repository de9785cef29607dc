package io.sqlitesafe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.BusyRetry;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.file.Scratch;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is attached to one connection. Each file is read by the way that leaves nothing beside it
 * ({@link QuietRead}), as the database itself is. Close it after the connection; then it can be
 * used for the next one. Not thread-safe.
 */
final class Attached implements AutoCloseable {
  private final List<QuietRead> ways = new ArrayList<>();

  /**
   * Attaches one more.
   *
   * @param cancellation stops the copying of a file that has to be recovered first
   * @return the way it is read
   */
  QuietRead add(Database database, Attachments.Attachment one, Cancellation cancellation) {
    return BusyRetry.whileChanging(
        Duration.ZERO, cancellation, () -> attempt(database, one, cancellation));
  }

  private QuietRead attempt(
      Database database, Attachments.Attachment one, Cancellation cancellation) {
    QuietRead way = QuietRead.toAttach(one.file(), Scratch.usualPlace(), cancellation);
    try {
      database.attach(way.place(), way.modeToAttach(), one.schema());
    } catch (SQLException e) {
      way.close();
      throw SqlErrors.translate(e, one.file(), "");
    } catch (RuntimeException e) {
      way.close();
      throw e;
    }
    ways.add(way);
    return way;
  }

  /** Whether what was read is worthless: see {@link QuietRead#isDisturbed}. */
  boolean isDisturbed() {
    return ways.stream().anyMatch(QuietRead::isDisturbed);
  }

  /** Whether there is something newer to read: see {@link QuietRead#isOutdated}. */
  boolean isOutdated() {
    return ways.stream().anyMatch(QuietRead::isOutdated);
  }

  /** Whether that may turn out so. */
  boolean isProvisional() {
    return ways.stream().anyMatch(way -> way.state() == QuietRead.State.AT_REST);
  }

  /**
   * To be asked before a commit: what is written may be of rows that were read while they changed.
   *
   * @throws SqliteSafeException {@link ErrorKind#LOCK_BUSY}
   */
  void requireUndisturbed() {
    for (QuietRead way : ways) {
      if (way.isDisturbed()) {
        throw new SqliteSafeException(
            ErrorKind.LOCK_BUSY,
            way.place()
                + ", which is attached, was opened by another program during the transaction",
            "the transaction is rolled back; run it again");
      }
    }
  }

  @Override
  public void close() {
    ways.forEach(QuietRead::close);
    ways.clear();
  }
}
