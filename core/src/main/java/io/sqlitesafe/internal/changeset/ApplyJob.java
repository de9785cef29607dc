package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.ApplyResult;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Conflict;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.sql.Handle;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/**
 * A unit of work that applies changesets, and looks after what they do not hold: foreign keys and
 * full-text indexes.
 *
 * @param files opened one after the other
 * @param dryRun it will be rolled back; foreign keys, which are else checked by the commit, are
 *     checked in the end of it
 * @param allowNothing it is no error if no change could be applied
 * @param rebuildFts full-text indexes that drifted from their tables are built again
 */
public record ApplyJob(
    ApplyOptions options,
    List<Supplier<ChangesetReader>> files,
    boolean dryRun,
    boolean allowNothing,
    boolean rebuildFts) {

  /**
   * What came of it.
   *
   * @param orphans new rows without a parent by "child table -> parent table"; of a dry run, or of
   *     one without foreign-key actions
   * @param drifted full-text indexes that are out of step with their tables now
   * @param rebuilt full-text indexes that were built again
   * @param stale virtual tables that triggers keep in step which were off, and those triggers
   * @param notCompared full-text indexes that could not be compared with their tables, and why
   */
  public record Result(
      ApplyResult report,
      Map<String, Long> orphans,
      List<String> drifted,
      List<String> rebuilt,
      Map<String, String> stale,
      Map<String, String> notCompared) {}

  public ApplyJob {
    files = List.copyOf(files);
  }

  /** Runs within the transaction of {@code handle}. */
  public Result run(Handle handle) {
    try {
      return run(handle, handle.announcedConnection());
    } catch (SQLException e) {
      throw SqlErrors.translate(e, ChangesetApply.fileOf(handle.announcedConnection()), "");
    }
  }

  private Result run(Handle handle, Connection connection) throws SQLException {
    ForeignKeyWatch watch =
        dryRun && ForeignKeys.enforced(connection)
            ? ForeignKeyWatch.begin((SQLiteConnection) connection)
            : null;
    ApplyResult report;
    Map<String, Long> orphans;
    Map<String, String> stale = new TreeMap<>();
    try (ChangesetApply apply = ChangesetApply.within(handle, options)) {
      for (Supplier<ChangesetReader> file : files) {
        try (ChangesetReader reader = file.get()) {
          apply.add(reader);
        }
      }
      report = apply.finish();
      orphans = watch == null ? apply.orphans() : watch.violations();
      stale.putAll(apply.missedByTriggers());
    }
    if (watch != null) {
      watch.end();
      requireNone(orphans);
    }
    if (report.applied() == 0 && !allowNothing && !dryRun) {
      throw nothingApplied(report);
    }
    List<String> drifted = new ArrayList<>();
    List<String> rebuilt = new ArrayList<>();
    Map<String, String> notCompared = new TreeMap<>();
    lookAtIndexes(handle, report, stale, drifted, rebuilt, notCompared);
    return new Result(report, orphans, drifted, rebuilt, stale, notCompared);
  }

  private void requireNone(Map<String, Long> orphans) {
    if (!orphans.isEmpty() && options.handler().resolve(Conflict.FOREIGN_KEY) == Resolution.ABORT) {
      throw ForeignKeys.conflict(orphans);
    }
  }

  private static SqliteSafeException nothingApplied(ApplyResult report) {
    return new SqliteSafeException(
            ErrorKind.PRECONDITION,
            report.omitted() == 0
                ? "there is nothing to apply: no changes in it"
                : "nothing was applied: all changes (" + report.omitted() + ") were passed over",
            "nothing was changed; with --allow-nothing this is no error")
        .with("omitted", report.omitted());
  }

  private void lookAtIndexes(
      Handle handle,
      ApplyResult report,
      Map<String, String> stale,
      List<String> drifted,
      List<String> rebuilt,
      Map<String, String> notCompared)
      throws SQLException {
    if (report.applied() == 0) {
      return;
    }
    Connection connection = handle.announcedConnection();
    List<ExternalFts> indexes = ExternalFts.of(connection);
    if (indexes.isEmpty()) {
      return;
    }
    SchemaShape shapes = SchemaShape.of(connection, "main");
    for (ExternalFts index : indexes) {
      if (!index.concerns(report.tables(), shapes)) {
        continue;
      }
      boolean drift;
      try {
        drift = index.hasDrifted(connection);
        stale.remove(index.name()); // what it holds is known
      } catch (SQLException e) {
        if (SqlErrors.code(e) != SQLiteErrorCode.SQLITE_ERROR) {
          throw e;
        }
        // Its text may come from a view over a function that only its program has.
        notCompared.put(index.name(), SqlErrors.text(e));
        continue;
      }
      if (drift) {
        if (rebuildFts) {
          handle.announce(index.rebuildSql());
          index.rebuild(connection);
        }
        (rebuildFts ? rebuilt : drifted).add(index.name());
      }
    }
  }
}
