package io.sqlitesafe.cli.command;

import io.sqlitesafe.Capabilities;
import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.Command;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.option.CommonOptions;
import io.sqlitesafe.cli.output.Results;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code capabilities}. */
public final class CapabilitiesCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "capabilities",
            "Show what this build and its SQLite can do",
            "Prints versions, the lock protocol, the modes of access and SQLite's compile options, and"
                + " whether this platform can prove that an owner's process is dead.");
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe capabilities --json");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Capabilities can = SafeDatabase.capabilities();
    if (CommonOptions.of(arguments).json()) {
      new Results("capabilities", null)
          .put("version", can.version())
          .put("sqliteVersion", can.sqliteVersion())
          .put("runtime", can.runtime())
          .put("platform", can.platform())
          .put("protocol", can.protocol())
          .put("accessModes", can.accessModes())
          .put("provesDeadOwners", can.provesDeadOwners())
          .put("compileOptions", can.compileOptions())
          .print(invocation);
      return 0;
    }
    invocation
        .console()
        .print(
            "version            "
                + can.version()
                + "\nSQLite             "
                + can.sqliteVersion()
                + "\nruntime            "
                + can.runtime()
                + "\nplatform           "
                + can.platform()
                + "\nlock protocol      "
                + can.protocol()
                + "\nmodes of access    "
                + String.join(", ", can.accessModes())
                + "\nproves dead owners "
                + (can.provesDeadOwners()
                    ? "yes"
                    : "no: this platform lacks boot id or process start times, so only time breaks a lock")
                + "\ncompile options    "
                + String.join(" ", can.compileOptions())
                + "\n");
    return 0;
  }
}
