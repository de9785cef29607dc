package io.sqlitesafe.internal.diff;

import io.sqlitesafe.changeset.ExportRequest;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several connections that all see the same state of a database, with the baseline attached as
 * {@code base}.
 */
public final class Snapshots implements AutoCloseable {
  private static final Duration BUSY = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 20;

  private final List<Database> databases = new ArrayList<>();

  /** Of which the write-ahead log is wanted. */
  private @Nullable Path logOf;

  private WalPages log = WalPages.NONE;
  private String noLog = "";

  private Snapshots(@Nullable Path logOf) {
    this.logOf = logOf;
  }

  /**
   * Opens them. In WAL mode a commit may come between two of them; then it is tried again, and in
   * the end one has to do.
   *
   * @param withLog read the write-ahead log as of this state too
   * @throws SqliteSafeException where a file is missing or is no database
   */
  public static Snapshots open(ExportRequest request, boolean withLog, Cancellation cancellation) {
    Path database = request.database().place();
    int count = request.threads();
    Database.requireFile(request.baseline().place(), false);
    Snapshots snapshots = new Snapshots(withLog ? database : null);
    try {
      for (int i = 0; i < count; i++) {
        snapshots.databases.add(connect(request, cancellation));
      }
      try (Database watch = open(request, cancellation, "")) {
        for (int attempt = 1; !snapshots.begin(watch); attempt++) {
          snapshots.rollBack();
          if (attempt == ATTEMPTS) {
            snapshots.giveUpLog("commits follow one another too fast");
            snapshots.databases.subList(1, count).forEach(Database::close);
            snapshots.databases.subList(1, count).clear();
          }
        }
      }
      return snapshots;
    } catch (SQLException e) {
      snapshots.close();
      throw SqlErrors.translate(e, request.database().name(), "");
    } catch (RuntimeException e) {
      snapshots.close();
      throw e;
    }
  }

  private static Database connect(ExportRequest request, Cancellation cancellation)
      throws SQLException {
    Database opened = open(request, cancellation, request.loading());
    try {
      opened.attach(request.baseline().place(), request.baseline().mode(), "base");
      return opened;
    } catch (SQLException e) {
      opened.close();
      throw unreadable(request.baseline().name(), e);
    }
  }

  private static Database open(ExportRequest request, Cancellation cancellation, String first) {
    ExportRequest.Side side = request.database();
    return Database.openFor(side.place(), side.name(), side.mode(), BUSY, cancellation, first);
  }

  private static SqliteSafeException unreadable(Path baseline, SQLException e) {
    String text = SqlErrors.text(e);
    boolean encodings = text.contains("same text encoding");
    return new SqliteSafeException(
        encodings ? ErrorKind.PRECONDITION : ErrorKind.NO_DATABASE,
        baseline + ": " + text,
        encodings
            ? "nothing was written; compare files of one text encoding"
            : "name the SQLite database, or the backup of one, that the changes are to start from",
        e);
  }

  /** Begins everywhere; returns false where a commit came between. */
  private boolean begin(Database watch) throws SQLException {
    long before = dataVersion(watch);
    for (Database each : databases) {
      each.execute(
          "BEGIN; SELECT 1 FROM main.sqlite_schema LIMIT 1; SELECT 1 FROM base.sqlite_schema LIMIT 1");
    }
    readLog();
    return (databases.size() == 1 && logOf == null) || dataVersion(watch) == before;
  }

  private void readLog() {
    try {
      log = logOf == null ? WalPages.NONE : WalPages.of(logOf);
    } catch (IOException e) {
      giveUpLog("the write-ahead log cannot be read: " + e.getMessage());
    } catch (Unexpected e) {
      giveUpLog(String.valueOf(e.getMessage()));
    }
  }

  private void giveUpLog(String why) {
    logOf = null;
    noLog = why;
  }

  /**
   * What the write-ahead log has of this state.
   *
   * @throws Unexpected where that could not be read
   */
  WalPages log() throws Unexpected {
    if (!noLog.isEmpty()) {
      throw new Unexpected(noLog);
    }
    return log;
  }

  private void rollBack() throws SQLException {
    for (Database each : databases) {
      each.execute("ROLLBACK");
    }
  }

  /** Changes when another connection has committed (sqlite.org/pragma.html#pragma_data_version). */
  private static long dataVersion(Database watch) throws SQLException {
    try (Statement statement = watch.connection().createStatement();
        ResultSet row = statement.executeQuery("PRAGMA data_version")) {
      return row.getLong(1);
    }
  }

  List<Database> all() {
    return databases;
  }

  public Connection first() {
    return databases.get(0).connection();
  }

  @Override
  public void close() {
    databases.forEach(Database::close);
  }
}
