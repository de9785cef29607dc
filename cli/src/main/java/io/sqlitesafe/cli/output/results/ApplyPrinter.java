package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.Written;
import io.sqlitesafe.changeset.ApplyResult;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.internal.changeset.ApplyJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Tells what {@code changeset apply} has done. */
public final class ApplyPrinter {
  private ApplyPrinter() {}

  /**
   * Prints the result; it is committed already, unless it is that of a dry run.
   *
   * @param list the conflicts of a dry run, a line each
   */
  public static void print(
      ParseResult arguments,
      Invocation invocation,
      Path database,
      Written<ApplyJob.Result> written,
      List<String> warnings,
      SpooledOutput list) {
    CommonOptions common = CommonOptions.of(arguments);
    Notes notes = new Notes(invocation.console(), common);
    invocation.console().done((written.committed() ? "applied to " : "rolled back on ") + database);
    warnings.forEach(notes::warning);
    written
        .value()
        .drifted()
        .forEach(
            index ->
                notes.warning(
                    "the full-text index "
                        + DisplayText.of(index, 60)
                        + " no longer agrees with its table; build it again (--rebuild does)"));
    written
        .value()
        .stale()
        .forEach(
            (table, triggers) ->
                notes.warning(
                    DisplayText.of(table, 60)
                        + " may no longer agree with its table: the triggers that keep it in step"
                        + " were off ("
                        + DisplayText.of(triggers, 120)
                        + "); fill it again"));
    written
        .value()
        .notCompared()
        .forEach(
            (index, why) ->
                notes.note(
                    "the full-text index "
                        + DisplayText.of(index, 60)
                        + " could not be compared with what it is over: "
                        + why));
    try {
      if (common.json()) {
        json(database, written, warnings).printWithRows(invocation, list);
      } else {
        list.transferTo(invocation.console().out());
        common.confirm(invocation.console(), text(written));
        if (written.changeset() != null) {
          CapturePrinter.note(written.changeset(), notes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Results json(
      Path database, Written<ApplyJob.Result> written, List<String> warnings) {
    ApplyJob.Result value = written.value();
    ApplyResult report = value.report();
    Results result =
        new Results("changeset apply", database)
            .put("inserts", report.inserts())
            .put("updates", report.updates())
            .put("deletes", report.deletes())
            .put("replaced", report.replaced())
            .put("omitted", report.omitted())
            .put("conflicts", ChangesetPrinter.conflicts(report.conflicts()))
            .put("tables", report.tables())
            .put("orphans", value.orphans())
            .put("ftsDrifted", value.drifted())
            .put("ftsRebuilt", value.rebuilt())
            .put("staleTables", value.stale())
            .put("ftsNotCompared", value.notCompared())
            .put("dryRun", !written.committed())
            .put("recoveredJournal", written.recoveredJournal())
            .put("warnings", warnings)
            .lock(written.lock());
    CapturePrinter.add(result, written);
    return result;
  }

  private static String text(Written<ApplyJob.Result> written) {
    ApplyResult report = written.value().report();
    StringBuilder text = new StringBuilder();
    text.append(written.committed() ? "applied: " : "would be applied: ")
        .append(ChangesetPrinter.count(report.inserts(), "insert"))
        .append(", ")
        .append(ChangesetPrinter.count(report.updates(), "update"))
        .append(", ")
        .append(ChangesetPrinter.count(report.deletes(), "delete"))
        .append(" in ")
        .append(ChangesetPrinter.count(report.tables().size(), "table"));
    if (report.replaced() > 0) {
      text.append("; over other rows: ").append(report.replaced());
    }
    if (report.omitted() > 0) {
      text.append("; passed over: ").append(report.omitted());
    }
    text.append('\n');
    written
        .value()
        .orphans()
        .forEach(
            (tables, rows) ->
                text.append("without a parent, ")
                    .append(DisplayText.of(tables, 120))
                    .append(": ")
                    .append(ChangesetPrinter.count(rows, "row"))
                    .append('\n'));
    written
        .value()
        .rebuilt()
        .forEach(
            index -> text.append("built again: ").append(DisplayText.of(index, 60)).append('\n'));
    return text.toString();
  }
}
