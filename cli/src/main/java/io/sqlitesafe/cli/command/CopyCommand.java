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

/** {@code copy DB DEST}. */
public final class CopyCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "copy",
            "Copy the file under the lock",
            "Copies the bytes of the file as they are while holding the exclusive lock, after every journal"
                + " has been worked off, checks the copy and puts it in place in one step, as backup does."
                + " Writers wait meanwhile; backup keeps them waiting less.");
    LockOptions.addOwning(spec);
    SnapshotOptions.addCopying(spec, "Where to: a file, a directory or a pattern.", false);
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe copy app.db copy.db");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    CommonOptions common = CommonOptions.of(arguments);
    BackupRequest request = SnapshotOptions.request(arguments, false);
    BackupResult result =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "copy"))
            .copyUnderLock(request, new SnapshotProgress(invocation.console(), common));
    return BackupReport.print(
        "copy", database, result, request.manifest(), false, common, invocation);
  }
}
