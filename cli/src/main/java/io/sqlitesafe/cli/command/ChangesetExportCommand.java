package io.sqlitesafe.cli.command;

import io.sqlitesafe.ReadWork;
import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.changeset.ChangesetExport;
import io.sqlitesafe.changeset.ExportRequest;
import io.sqlitesafe.changeset.Exported;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.CaptureOptions;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.results.ExportPrinter;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.internal.file.QuietRead;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.snapshot.PlainBackup;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.sql.OpenMode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset export DB --since BASE -o FILE}. */
public final class ChangesetExportCommand implements Command {
  private static final int MOST_THREADS = 4;

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "export",
            "Write how a database differs from an earlier copy of it",
            "Writes the changeset that turns BASE into what DB holds. It reads one snapshot of DB"
                + " and does not take the exclusive lock; if DB has a rollback journal, writers"
                + " wait at their commit meanwhile. If BASE is a copy of DB's pages, such as a"
                + " backup, only rows on pages that differ are compared. Differences that a"
                + " changeset cannot hold (tables without PRIMARY KEY, rows with NULL in their key,"
                + " virtual tables) are skipped and reported, and the exit status is 3. It is 13 if"
                + " the two have different tables.");
    LockOptions.addOwning(spec);
    LockOptions.addLoading(spec);
    spec.addOption(
        CommonOptions.file(
            "The database to start from, such as a backup, compressed or not.", "--since"));
    ChangesetFiles.addOutput(spec);
    spec.addOption(
        CommonOptions.flag("Write a patchset: smaller, but without old values.", "--patchset"));
    spec.addOption(
        CommonOptions.list(String.class, "TABLE", "Only this table; may be repeated.", "--tables"));
    spec.addOption(
        CommonOptions.list(String.class, "TABLE", "Not this table; may be repeated.", "--exclude"));
    spec.addOption(
        CommonOptions.flag("Compare all rows, not only those on pages that differ.", "--no-pages"));
    spec.addOption(
        CommonOptions.flag(
            "Compare all rows too, and fail unless the result is the same.", "--verify"));
    spec.addOption(
        CommonOptions.flag(
            "Write nothing and exit with 13 if there are differences that a changeset cannot hold"
                + " (virtual tables, tables without PRIMARY KEY, rows with NULL in their key).",
            "--require-complete"));
    CaptureOptions.addRowids(spec);
    spec.addPositional(CommonOptions.database());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe changeset export app.db --since yesterday.db -o today.changeset");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 13 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    Path baseline = arguments.matchedOptionValue("--since", (Path) null);
    if (baseline == null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--since is missing", "name the database to start from");
    }
    Database.requireFile(database, false);
    Database.requireFile(baseline, false);
    ChangesetFiles.Target to =
        ChangesetFiles.Target.of(
            arguments,
            List.of(database, baseline),
            new OutputRule().database(database, "the database").database(baseline, "the baseline"));
    boolean pages = !arguments.matchedOptionValue("--no-pages", false);
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "changeset export"));
    boolean late = safe.accessMode() == AccessMode.NETWORK_EXCLUSIVE;
    // Opened before any connection and closed after all of them: see ExportRequest. In
    // network-exclusive access there are no locks to lose, and only under the shared lock it is
    // known which file to open.
    try (PlainBackup plain =
            PlainBackup.open(baseline, SnapshotOptions.scratch(), invocation.cancellation());
        FileChannel outer = pages && !late ? open(database) : null;
        ExportTarget target =
            ExportTarget.of(to, ChangesetFiles.toStandardOutput(arguments), invocation)) {
      Inputs inputs = new Inputs(plain.file(), pages, late, outer);
      Exported exported =
          safe.readView(view -> attempt(view, inputs, target, arguments, invocation));
      target.publish();
      ExportPrinter.print(arguments, invocation, database, exported);
      String doubt = safe.doubt();
      if (doubt != null) {
        new Notes(invocation.console(), CommonOptions.of(arguments)).warning(doubt);
      }
      return doubt == null && exported.leftOut().isEmpty() ? 0 : ErrorKind.WARNINGS.exitCode();
    } catch (IOException e) {
      throw unreadable(database, e);
    }
  }

  /**
   * What all attempts read.
   *
   * @param baseline the file, unpacked
   * @param pages the databases may be compared by pages
   * @param late only within an attempt it is known which file to open
   * @param outer the database, where it was opened before
   */
  private record Inputs(Path baseline, boolean pages, boolean late, @Nullable FileChannel outer) {}

  private static Exported attempt(
      ReadWork.View view,
      Inputs inputs,
      ExportTarget target,
      ParseResult arguments,
      Invocation invocation) {
    boolean other = inputs.late || view.mode() != OpenMode.READ;
    try (FileChannel inner = inputs.pages && other ? open(view.place()) : null;
        QuietRead base =
            QuietRead.toAttach(
                inputs.baseline, SnapshotOptions.scratch(), invocation.cancellation())) {
      boolean provisional = view.provisional() || base.state() == QuietRead.State.AT_REST;
      ExportRequest request = request(arguments, view, base, other ? inner : inputs.outer);
      Exported found =
          ChangesetExport.run(request, target.begin(provisional), invocation.cancellation());
      if (base.isDisturbed()) {
        throw SqlErrors.changing(request.baseline().name());
      }
      return found;
    } catch (IOException e) {
      throw unreadable(LockOptions.database(arguments), e);
    }
  }

  private static FileChannel open(Path database) throws IOException {
    return FileChannel.open(database, StandardOpenOption.READ);
  }

  private static SqliteSafeException unreadable(Path database, IOException e) {
    return new SqliteSafeException(
        ErrorKind.NO_DATABASE, "cannot read " + database + ": " + e, "check the file", e);
  }

  private static ExportRequest request(
      ParseResult arguments,
      ReadWork.View view,
      QuietRead baseline,
      @Nullable FileChannel channel) {
    boolean patchset = arguments.matchedOptionValue("--patchset", false);
    return new ExportRequest(
        new ExportRequest.Side(LockOptions.database(arguments), view.place(), view.mode()),
        new ExportRequest.Side(
            arguments.matchedOptionValue("--since", Path.of("")),
            baseline.place(),
            baseline.modeToAttach()),
        patchset ? Format.PATCHSET : Format.CHANGESET,
        arguments.matchedOptionValue("--tables", List.of()),
        arguments.matchedOptionValue("--exclude", List.of()),
        channel,
        arguments.matchedOptionValue("--verify", false),
        Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()),
        arguments.matchedOptionValue("--require-complete", false),
        CaptureOptions.rowids(arguments),
        LockOptions.loading(arguments));
  }
}
