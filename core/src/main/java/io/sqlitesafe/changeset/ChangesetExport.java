package io.sqlitesafe.changeset;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.changeset.ChangeSorter;
import io.sqlitesafe.internal.changeset.SchemaShape;
import io.sqlitesafe.internal.changeset.SqlValues;
import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.diff.InternalTables;
import io.sqlitesafe.internal.diff.LeftOut;
import io.sqlitesafe.internal.diff.PageComparison;
import io.sqlitesafe.internal.diff.PageFile;
import io.sqlitesafe.internal.diff.PageFile.Unexpected;
import io.sqlitesafe.internal.diff.RowComparison;
import io.sqlitesafe.internal.diff.SchemaChanges;
import io.sqlitesafe.internal.diff.Snapshots;
import io.sqlitesafe.internal.host.Undisturbed;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the difference of two database files as a changeset: applied to the baseline it makes what
 * the database holds. Reads one snapshot of the database, takes no lock of this library; with a
 * rollback journal, writers cannot commit meanwhile. Stateless.
 */
public final class ChangesetExport {
  private static final String BASE = "base";

  private ChangesetExport() {}

  /**
   * Writes the difference to {@code out}, in canonical order, and flushes it.
   *
   * @throws SqliteSafeException {@link ErrorKind#PRECONDITION} where the tables differ in their
   *     columns or keys, or in being there at all; what was written is then worthless
   */
  public static Exported run(ExportRequest request, OutputStream out, Cancellation cancellation) {
    return Undisturbed.run(cancellation, () -> undisturbed(request, out, cancellation));
  }

  private static Exported undisturbed(
      ExportRequest request, OutputStream out, Cancellation cancellation) {
    Path base = request.baseline().place();
    try (PageFile baseline = request.pages() == null ? null : PageFile.open(base);
        Snapshots snapshots = Snapshots.open(request, request.pages() != null, cancellation)) {
      return new Run(request, snapshots, baseline, cancellation).write(out);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, request.database().name(), "");
    }
  }

  private static final class Run {
    private final ExportRequest request;
    private final Snapshots snapshots;
    private final @Nullable PageFile baseline;
    private final Cancellation cancellation;
    private final SchemaShape before;
    private final SchemaShape after;
    private List<NotCaptured> leftOut = List.of();

    Run(
        ExportRequest request,
        Snapshots snapshots,
        @Nullable PageFile baseline,
        Cancellation cancellation)
        throws SQLException {
      this.request = request;
      this.snapshots = snapshots;
      this.baseline = baseline;
      this.cancellation = cancellation;
      this.before = SchemaShape.forReading(snapshots.first(), BASE, request.rowids());
      this.after = SchemaShape.forReading(snapshots.first(), "main", request.rowids());
    }

    Exported write(OutputStream out) throws SQLException {
      requireNamed();
      List<TableShape> tables = chosenTables();
      leftOut = leftOut();
      if (request.requireComplete() && !leftOut.isEmpty()) {
        throw incomplete(leftOut);
      }
      if (request.pages() == null || baseline == null) {
        return allRows(tables, null, out);
      }
      try (ChangeSorter sorter = new ChangeSorter();
          PageComparison comparison =
              PageComparison.of(
                  PageFile.of(request.pages()),
                  baseline,
                  snapshots,
                  request,
                  tables,
                  sorter,
                  cancellation)) {
        collect(tables, comparison, sorter);
        return deliver(sorter, tables, comparison.counts(), null, out);
      } catch (Unexpected e) {
        // Nothing was written yet.
        return allRows(tables, String.valueOf(e.getMessage()), out);
      }
    }

    private Exported allRows(List<TableShape> tables, @Nullable String because, OutputStream out)
        throws SQLException {
      try (ChangeSorter sorter = new ChangeSorter()) {
        collectAll(tables, sorter);
        return deliver(sorter, tables, null, because, out);
      }
    }

    /** Writes what was collected, compared with all rows if wanted. */
    private Exported deliver(
        ChangeSorter sorter,
        List<TableShape> tables,
        Exported.@Nullable PageCounts pages,
        @Nullable String allRowsBecause,
        OutputStream out)
        throws SQLException {
      MessageDigest digest = request.verify() ? sha256() : null;
      try (ChangesetWriter writer =
          new ChangesetWriter(
              digest == null ? out : new DigestOutputStream(out, digest),
              "the changeset",
              request.format())) {
        sorter.transferTo(writer);
        writer.flush();
        if (digest != null) {
          requireSame(digest.digest(), tables);
        }
        return new Exported(writer.counts(), leftOut, pages, allRowsBecause);
      }
    }

    // ---- which tables ------------------------------------------------------------------------

    private boolean chosen(String table) {
      boolean wanted =
          request.tables().isEmpty() || request.tables().stream().anyMatch(table::equalsIgnoreCase);
      return wanted && request.exclude().stream().noneMatch(table::equalsIgnoreCase);
    }

    private void requireNamed() {
      List<String> named = new ArrayList<>(request.tables());
      named.addAll(request.exclude());
      for (String name : named) {
        if (before.table(name) == null && after.table(name) == null) {
          throw new SqliteSafeException(
              ErrorKind.USAGE,
              "there is no table " + name + " in " + request.database().name(),
              "check the name given by --tables or --exclude");
        }
      }
    }

    /** Those of one shape on both sides, unless others differ. */
    private List<TableShape> chosenTables() {
      SchemaChanges schema = new SchemaChanges(before, after);
      List<Map<String, String>> different = new ArrayList<>();
      List<String> texts = new ArrayList<>();
      for (NotCaptured each : schema.notCaptured()) {
        TableShape old = before.table(each.table());
        if (chosen(each.table())) {
          String what = difference(old, after.table(each.table()));
          texts.add(each.table() + ": " + what);
          different.add(new TreeMap<>(Map.of("table", each.table(), "difference", what)));
        }
      }
      if (!different.isEmpty()) {
        throw new SqliteSafeException(
                ErrorKind.PRECONDITION,
                "the schemas of "
                    + request.database().name()
                    + " and "
                    + request.baseline().name()
                    + " differ: "
                    + String.join("; ", texts),
                "nothing was written; leave these tables out (--exclude), or change the baseline's"
                    + " schema first")
            .with("schema", different);
      }
      return schema.kept().stream()
          .filter(table -> table.kind() == TableShape.Kind.KEYED && chosen(table.name()))
          .toList();
    }

    private static String difference(@Nullable TableShape old, @Nullable TableShape now) {
      if (old == null) {
        return "not in the baseline";
      }
      if (now == null) {
        return "only in the baseline";
      }
      return "columns " + text(old) + " became " + text(now);
    }

    private static String text(TableShape table) {
      List<String> columns = new ArrayList<>();
      table
          .columns()
          .forEach(c -> columns.add(c.name() + (c.key() > 0 ? " (key " + c.key() + ")" : "")));
      return table.kind().capturable() ? columns.toString() : "(" + table.kind().reason() + ")";
    }

    private List<NotCaptured> leftOut() throws SQLException {
      return new LeftOut(snapshots.first(), before, after).find(BASE, this::chosen);
    }

    private SqliteSafeException incomplete(List<NotCaptured> leftOut) {
      List<Map<String, String>> tables = new ArrayList<>();
      leftOut.forEach(
          each ->
              tables.add(new TreeMap<>(Map.of("table", each.table(), "reason", each.reason()))));
      return new SqliteSafeException(
              ErrorKind.PRECONDITION,
              "a changeset cannot hold all that differs between "
                  + request.database().name()
                  + " and "
                  + request.baseline().name()
                  + ": "
                  + leftOut.get(0).table()
                  + ": "
                  + leftOut.get(0).reason()
                  + (leftOut.size() > 1 ? ", and " + (leftOut.size() - 1) + " more" : ""),
              "nothing was written; leave these tables out (--exclude), or export without"
                  + " --require-complete")
          .with("leftOut", tables);
    }

    // ---- rows --------------------------------------------------------------------------------

    private void collectAll(List<TableShape> tables, ChangeSink sink) throws SQLException {
      try {
        collect(tables, null, sink);
      } catch (Unexpected e) {
        throw new IllegalStateException(e); // only of pages
      }
    }

    private void collect(
        List<TableShape> tables, @Nullable PageComparison comparison, ChangeSink sink)
        throws SQLException, Unexpected {
      new RowComparison(snapshots, comparison, cancellation).run(tables, sink);
      if (chosen("sqlite_stat1")) {
        SqlValues values = SqlValues.of(snapshots.first());
        InternalTables.read(snapshots.first(), "main", after, values)
            .statisticsSince(InternalTables.read(snapshots.first(), BASE, before, values), sink);
      }
    }

    /** The same changes give the same bytes, however they were found. */
    private void requireSame(byte[] found, List<TableShape> tables) throws SQLException {
      MessageDigest digest = sha256();
      try (ChangeSorter sorter = new ChangeSorter();
          ChangesetWriter writer =
              new ChangesetWriter(
                  new DigestOutputStream(OutputStream.nullOutputStream(), digest),
                  "the second changeset",
                  request.format())) {
        collectAll(tables, sorter);
        sorter.transferTo(writer);
        writer.flush();
      }
      if (!Arrays.equals(found, digest.digest())) {
        throw new SqliteSafeException(
            ErrorKind.FAILED,
            "comparing pages of "
                + request.database().name()
                + " did not find what comparing all rows finds",
            "nothing was written; export without comparing pages, and please report this");
      }
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e); // every Java has it
      }
    }
  }
}
