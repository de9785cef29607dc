package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.diff.ChangesetExport;
import io.sqlitesafe.changeset.diff.ExportRequest;
import io.sqlitesafe.changeset.diff.Exported;
import io.sqlitesafe.cli.Command;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.option.CommonOptions;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.ExportResults;
import io.sqlitesafe.db.Database;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.AtomicFile;
import io.sqlitesafe.snapshot.PlainBackup;
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
            "Writes the changeset that, applied to BASE, gives what DB holds; without the exclusive lock,"
                + " from one snapshot of DB. With a rollback journal, writers wait at their commit meanwhile."
                + " Where BASE is a copy of DB's pages, such as an online backup, only rows on pages that"
                + " differ are looked at. Tables without PRIMARY KEY and virtual tables are left out, and"
                + " told. Exit status 13 where the tables of the two differ.");
    LockOptions.addOwning(spec);
    spec.addOption(
        CommonOptions.file(
            "The database to start from: a backup, compressed or not, say.", "--since"));
    ChangesetFiles.addOutput(spec);
    spec.addOption(
        CommonOptions.flag("Write a patchset: smaller, but without old values.", "--patchset"));
    spec.addOption(
        CommonOptions.list(String.class, "TABLE", "Only this table; may be repeated.", "--tables"));
    spec.addOption(
        CommonOptions.list(String.class, "TABLE", "Not this table; may be repeated.", "--exclude"));
    spec.addOption(CommonOptions.flag("Compare all rows, whatever the pages tell.", "--no-pages"));
    spec.addOption(
        CommonOptions.flag(
            "Compare all rows too, and fail unless the result is the same.", "--verify"));
    spec.addPositional(CommonOptions.database());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe changeset export app.db --since yesterday.db -o today.changeset");
    return spec;
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
    boolean pages = !arguments.matchedOptionValue("--no-pages", false);
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "changeset export"));
    // Opened before any connection and closed after all of them: see ExportRequest.
    try (PlainBackup plain =
            PlainBackup.open(baseline, SnapshotOptions.scratch(), invocation.cancellation());
        FileChannel channel = pages ? FileChannel.open(database, StandardOpenOption.READ) : null) {
      ExportRequest request = request(arguments, database, plain.file(), channel);
      Exported exported = safe.read(session -> write(arguments, request, invocation));
      ExportResults.print(arguments, invocation, database, exported);
      return 0;
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "cannot read " + database + ": " + e, "check the file", e);
    }
  }

  private static ExportRequest request(
      ParseResult arguments, Path database, Path baseline, @Nullable FileChannel channel) {
    boolean patchset = arguments.matchedOptionValue("--patchset", false);
    return new ExportRequest(
        database,
        baseline,
        patchset ? Format.PATCHSET : Format.CHANGESET,
        arguments.matchedOptionValue("--tables", List.of()),
        arguments.matchedOptionValue("--exclude", List.of()),
        channel,
        arguments.matchedOptionValue("--verify", false),
        Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  private static Exported write(
      ParseResult arguments, ExportRequest request, Invocation invocation) {
    if (ChangesetFiles.toStandardOutput(arguments)) {
      return ChangesetExport.run(request, invocation.console().out(), invocation.cancellation());
    }
    Path file = ChangesetFiles.output(arguments);
    try (AtomicFile published = new AtomicFile(file)) {
      Exported exported =
          ChangesetExport.run(request, published.stream(), invocation.cancellation());
      published.publish();
      return exported;
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "cannot write " + file + ": " + e.getMessage(),
          "check the permissions and the free space",
          e);
    }
  }
}
