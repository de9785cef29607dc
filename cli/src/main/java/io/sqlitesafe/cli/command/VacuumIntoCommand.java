package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.Command;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.option.CommonOptions;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.BackupReport;
import io.sqlitesafe.cli.output.SnapshotProgress;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code vacuum-into DB DEST}. */
public final class VacuumIntoCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "vacuum-into",
            "Make a compact copy",
            "Writes a copy without free pages by VACUUM INTO, checks it and puts it in place in one step,"
                + " as backup does. Writers of a database with a rollback journal wait meanwhile.");
    LockOptions.addOwning(spec);
    SnapshotOptions.addCopying(spec, "Where to: a file, a directory or a pattern.", true);
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe vacuum-into app.db compact.db");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    CommonOptions common = CommonOptions.of(arguments);
    BackupRequest request = SnapshotOptions.request(arguments, true);
    BackupResult result =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "vacuum-into"))
            .vacuumInto(request, new SnapshotProgress(invocation.console(), common));
    return BackupReport.print(
        "vacuum-into", database, result, request.manifest(), false, common, invocation);
  }
}
