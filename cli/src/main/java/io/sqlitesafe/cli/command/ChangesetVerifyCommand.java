package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.changeset.ChangesetCheck;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.CaptureOptions;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.ChangesetPrinter;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset verify FILE}. */
public final class ChangesetVerifyCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "verify",
            "Check that a changeset is well-formed and fits a database",
            "Reads FILE to its end; the exit status is 14 if it is not a well-formed changeset or"
                + " patchset. With --db, also compares it with that database, without the lock and"
                + " without changing anything: the exit status is 13 if tables are missing or have"
                + " another key, or if rows do not hold the expected values. Only changeset apply"
                + " --dry-run also shows conflicts with constraints and triggers.");
    ChangesetFiles.addFile(spec);
    spec.addOption(CommonOptions.file("Compare with this database.", "--db"));
    CaptureOptions.addRowids(spec);
    LockOptions.addWaiting(spec, "30s");
    LockOptions.addLoading(spec);
    spec.usageMessage()
        .footer("Examples:", "  $ sqlite-safe changeset verify today.changeset --db replica.db");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 11 12 13 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path file = arguments.matchedPositionalValue(0, Path.of(""));
    Path database = arguments.matchedOptionValue("--db", (Path) null);
    ChangesetCheck.Result result = check(arguments, invocation, file, database);
    ChangesetPrinter.printCheck(arguments, invocation, file, database, result);
    if (!result.fits()) {
      throw new SqliteSafeException(
          ErrorKind.PRECONDITION,
          file + " does not go into " + database + " without conflicts",
          "changeset apply --dry-run lists them");
    }
    return 0;
  }

  private static ChangesetCheck.Result check(
      ParseResult arguments, Invocation invocation, Path file, @Nullable Path database) {
    try (ChangesetReader reader = ChangesetFiles.open(file, invocation)) {
      if (database == null) {
        return new ChangesetCheck().run(reader);
      }
      boolean rowids = CaptureOptions.rowids(arguments);
      return SafeDatabase.of(
              database, LockOptions.settings(arguments, invocation, "changeset verify"))
          .read(session -> ChangesetCheck.against(session.connection(), rowids).run(reader));
    }
  }
}
