package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset}: the name above the commands on changesets. */
public final class ChangesetCommands implements Command {
  @Override
  public CommandSpec spec() {
    return CommonOptions.group(
        "changeset",
        "Apply, show and combine changesets",
        "A changeset is a file of the rows that were inserted, updated and deleted: an audit"
            + " trail, an undo, a feed for a replica. A patchset is smaller and cannot be inverted."
            + " Both are byte for byte those of SQLite's session extension.",
        "Examples:",
        "  $ sqlite-safe changeset show today.changeset --db app.db",
        "  $ sqlite-safe changeset apply replica.db today.changeset",
        "  $ sqlite-safe changeset apply app.db today.changeset --invert");
  }

  @Override
  public String exitStatuses() {
    return "";
  }

  /** A new one is one line here. */
  @Override
  public Map<String, Command> subcommands() {
    Map<String, Command> commands = new LinkedHashMap<>();
    commands.put("apply", new ChangesetApplyCommand());
    commands.put("export", new ChangesetExportCommand());
    commands.put("show", new ChangesetShowCommand());
    commands.put("verify", new ChangesetVerifyCommand());
    commands.put("invert", new ChangesetInvertCommand());
    commands.put("concat", new ChangesetConcatCommand());
    commands.put("rebase", new ChangesetRebaseCommand());
    return commands;
  }

  /** Never called: a name without one of the commands above is a usage error. */
  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    throw new IllegalStateException("changeset is run without a command");
  }
}
