package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.Results;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code journal-mode DB [MODE]}. */
public final class JournalModeCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "journal-mode",
            "Show or change the journal mode",
            "Without MODE, prints the journal mode of the database; with MODE, changes it under"
                + " the lock. A write-ahead log (wal) is refused on a network file system, where it"
                + " loses data.");
    LockOptions.addOwning(spec);
    spec.addPositional(CommonOptions.database());
    spec.addPositional(
        CommonOptions.word(
            "MODE",
            "The new mode: delete (the rollback journal) or wal.",
            List.of("delete", "wal")));
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe journal-mode app.db delete");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15 16";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    @Nullable String mode = arguments.matchedPositionalValue(1, (String) null);
    String reached =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "journal-mode"))
            .journalMode(mode);
    CommonOptions common = CommonOptions.of(arguments);
    if (mode != null) {
      invocation.console().done(database + " is in journal mode " + reached);
    }
    if (common.json()) {
      new Results("journal-mode", database)
          .put("journalMode", reached)
          .put("changed", mode != null)
          .print(invocation);
    } else if (mode != null) {
      common.confirm(invocation.console(), reached + "\n");
    } else {
      invocation.console().print(reached + "\n");
    }
    return 0;
  }
}
