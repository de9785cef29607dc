package io.sqlitesafe.internal.capture;

import io.sqlitesafe.changeset.CaptureMethod;
import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.changeset.ChangesetWriter;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.sql.StatementListener;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Captures one transaction and publishes its changes with its commit. Used in this order: {@link
 * #begin} right after BEGIN IMMEDIATE; the statements of the work, to which it listens; {@link
 * #beforeCommit}; COMMIT; {@link #committed}; and {@link #close} in any case. Not thread-safe.
 * Knows nothing of locks: that nobody else writes meanwhile is for the caller to ensure.
 */
public final class Capture implements StatementListener, AutoCloseable {
  /**
   * Up to here the exact method costs at most some 30 ms, however little was changed, and what it
   * keeps in memory is no more than this; and what changes most of the rows, it captures for less.
   */
  private static final long SMALL_BYTES = 1 << 20;

  private final CaptureRequest request;
  private final Cancellation cancellation;
  private final List<Capturer> capturers = new ArrayList<>();
  private @Nullable ChangesetFile replacement;
  private @Nullable Path database;
  private CaptureMethod method = CaptureMethod.AUTO;
  private @Nullable Captured captured;

  public Capture(CaptureRequest request, Cancellation cancellation) {
    this.request = request;
    this.cancellation = cancellation;
  }

  /**
   * Refuses a file that cannot be written or would be lost, before any lock is taken.
   *
   * @return the file that is meant, links resolved
   */
  public static Path check(CaptureRequest request, Path database) {
    if (request.file().toString().equals("-")) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "a changeset cannot be published on standard output",
          "name a file: it appears with the commit");
    }
    return new OutputRule()
        .database(database, "the database")
        .replaceable(request.file(), "the " + request.format().label());
  }

  /**
   * Starts to look on.
   *
   * @param record where a pending publication is noted down, beside the database
   */
  public void begin(Database opened, Path record) throws SQLException {
    database = opened.file();
    replacement = new ChangesetFile(check(request, opened.file()), record, opened.file());
    String unfit = TriggerFit.problem(opened.connection(), request.rowids());
    method = request.method();
    if (method == CaptureMethod.AUTO) {
      boolean small = bytes(opened.connection()) <= SMALL_BYTES;
      method = small || unfit != null ? CaptureMethod.DIFF : CaptureMethod.TRIGGERS;
    }
    boolean triggers = method == CaptureMethod.TRIGGERS || request.verify();
    if (triggers && unfit != null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          opened.file() + ": triggers cannot capture its changes: " + unfit,
          "nothing was changed; capture by difference instead (--capture diff)");
    }
    if (method == CaptureMethod.DIFF || request.verify()) {
      capturers.add(new SnapshotCapture(cancellation, request.rowids()));
    }
    if (triggers) {
      capturers.add(method == CaptureMethod.TRIGGERS ? 0 : 1, new TriggerCapture(request.rowids()));
    }
    for (Capturer capturer : capturers) {
      capturer.begin(opened);
    }
  }

  private static long bytes(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")) {
      return row.getLong(1);
    }
  }

  @Override
  public void prepared(String sql) throws SQLException {
    for (Capturer capturer : capturers) {
      capturer.prepared(sql);
    }
  }

  @Override
  public void done(String sql) throws SQLException {
    for (Capturer capturer : capturers) {
      capturer.done(sql);
    }
  }

  @Override
  public void bypassed() {
    capturers.forEach(Capturer::bypassed);
  }

  /**
   * Gathers the changes and makes their file durable under its temporary name.
   *
   * @param publish false for a dry run: the changes are counted, and no file is left
   * @throws SqliteSafeException where the transaction must not be committed
   */
  public void beforeCommit(boolean publish) throws SQLException {
    ChangesetFile files = replacement;
    if (files == null) {
      throw new IllegalStateException("beforeCommit without begin");
    }
    OutputStream out = publish ? files.open() : OutputStream.nullOutputStream();
    Harvest harvest = harvest(capturers.get(0), out, files.temporary().toString());
    if (request.requireComplete() && !harvest.missing.isEmpty()) {
      throw incomplete(harvest.missing);
    }
    if (request.verify()) {
      requireAgreement(
          harvest, harvest(capturers.get(1), OutputStream.nullOutputStream(), "nowhere"));
    }
    if (publish) {
      files.ready();
    }
    captured =
        new Captured(request.file(), request.format(), method, harvest.counts, harvest.missing);
  }

  private record Harvest(List<NotCaptured> missing, ChangeCounts counts, byte[] digest) {}

  /** Writes the changes in their canonical order, and closes {@code to}. */
  private Harvest harvest(Capturer capturer, OutputStream to, String name) throws SQLException {
    MessageDigest digest = request.verify() ? sha256() : null;
    OutputStream out = digest == null ? to : new DigestOutputStream(to, digest);
    try (ChangeSorter sorter = new ChangeSorter();
        ChangesetWriter writer = new ChangesetWriter(out, name, request.format())) {
      List<NotCaptured> missing = capturer.harvest(sorter);
      sorter.transferTo(writer);
      writer.flush();
      return new Harvest(missing, writer.counts(), digest == null ? new byte[0] : digest.digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** The same changes give the same bytes, whoever found them. */
  private void requireAgreement(Harvest first, Harvest second) {
    if (!Arrays.equals(first.digest, second.digest)) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          database
              + ": the two methods of capture disagree: "
              + text(first.counts)
              + " by "
              + (method == CaptureMethod.DIFF ? "diff, " : "triggers, ")
              + text(second.counts)
              + " by the other",
          "nothing was changed; diff is the exact one; please report the schema and the SQL");
    }
  }

  private static String text(ChangeCounts counts) {
    return "%d inserts, %d updates, %d deletes in %d bytes"
        .formatted(counts.inserts(), counts.updates(), counts.deletes(), counts.bytes());
  }

  private SqliteSafeException incomplete(List<NotCaptured> missing) {
    NotCaptured first = missing.get(0);
    List<Map<String, String>> tables = new ArrayList<>();
    for (NotCaptured each : missing) {
      Map<String, String> table = new TreeMap<>();
      table.put("table", each.table());
      table.put("reason", each.reason());
      tables.add(table);
    }
    return new SqliteSafeException(
            ErrorKind.PRECONDITION,
            database
                + ": a changeset cannot hold all of this transaction: "
                + first.table()
                + ": "
                + first.reason()
                + (missing.size() > 1 ? ", and " + (missing.size() - 1) + " more" : ""),
            "nothing was changed; leave that out, or write without requiring completeness")
        .with("notCaptured", tables);
  }

  /** What was captured; null before {@link #beforeCommit}. */
  public @Nullable Captured captured() {
    return captured;
  }

  /**
   * The transaction is committed: publishes the file.
   *
   * @return a warning where that failed, else null
   */
  public @Nullable String committed() {
    return replacement == null ? null : replacement.replaceTarget();
  }

  /** The lock is lost: everything beside the database belongs to its next owner. */
  public void leave() {
    if (replacement != null) {
      replacement.leave();
    }
  }

  /** Ends the capture; what was not published is discarded. */
  @Override
  public void close() {
    capturers.forEach(Capturer::close);
    if (replacement != null) {
      replacement.close();
    }
  }
}
