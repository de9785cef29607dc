package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.results.BackupPrinter;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code copy DB DEST} and {@code vacuum-into DB DEST}. */
public final class CopyCommand implements Command {
  private final boolean vacuum;

  private CopyCommand(boolean vacuum) {
    this.vacuum = vacuum;
  }

  /** {@code copy}. */
  public static CopyCommand asItIs() {
    return new CopyCommand(false);
  }

  /** {@code vacuum-into}. */
  public static CopyCommand compact() {
    return new CopyCommand(true);
  }

  private String name() {
    return vacuum ? "vacuum-into" : "copy";
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        vacuum
            ? CommonOptions.spec(
                name(),
                "Make a compact copy",
                "Writes a copy without free pages by VACUUM INTO, checks it and puts it in"
                    + " place in one step, as backup does. If the database has a rollback journal,"
                    + " writers wait meanwhile.")
            : CommonOptions.spec(
                name(),
                "Copy the file under the lock",
                "Holds the exclusive lock, rolls back or checkpoints what is pending, copies"
                    + " the bytes of the file as they are, checks the copy and puts it in place in"
                    + " one step, as backup does. Writers wait meanwhile; backup makes them wait"
                    + " less.");
    LockOptions.addOwning(spec);
    SnapshotOptions.addCopying(spec, "The destination: a file, a directory or a pattern.", vacuum);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe " + name() + " app.db " + (vacuum ? "compact.db" : "copy.db"));
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    CommonOptions common = CommonOptions.of(arguments);
    BackupRequest request = SnapshotOptions.request(arguments, vacuum);
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, name()));
    SnapshotProgress progress = new SnapshotProgress(invocation.console(), common);
    BackupResult result =
        vacuum ? safe.vacuumInto(request, progress) : safe.copyUnderLock(request, progress);
    if (vacuum) {
      BackupPrinter.tellRowids(safe, new Notes(invocation.console(), common));
    }
    return BackupPrinter.print(
        name(),
        database,
        result,
        request.manifest(),
        false,
        arguments.hasMatchedOption("--verify"),
        common,
        invocation);
  }
}
