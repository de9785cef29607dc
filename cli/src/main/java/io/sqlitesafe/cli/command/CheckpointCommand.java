package io.sqlitesafe.cli.command;

import io.sqlitesafe.JournalMode;
import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.internal.fs.FileUse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code checkpoint DB}. */
public final class CheckpointCommand implements Command {
  private static final List<String> MODES = List.of("passive", "full", "restart", "truncate");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "checkpoint",
            "Move the write-ahead log into the database",
            "Checkpoints a database in WAL mode under the lock. The exit status is 3 if readers"
                + " kept part of the log in use. A database without a write-ahead log is left as it"
                + " is, which counts as success.");
    LockOptions.addOwning(spec);
    spec.addOption(
        CommonOptions.choice(
            "MODE", "How much to move, and whether to wait.", MODES, "truncate", "--mode"));
    spec.addPositional(CommonOptions.database());
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe checkpoint app.db");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    String mode = CommonOptions.chosen(arguments, "--mode", MODES, "truncate");
    JournalMode.Checkpoint done =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "checkpoint"))
            .checkpoint(JournalMode.CheckpointMode.valueOf(mode.toUpperCase(Locale.ROOT)));
    CommonOptions common = CommonOptions.of(arguments);
    if (done.logFrames() >= 0) {
      invocation.console().done("checkpointed " + database);
    }
    if (common.json()) {
      new Results("checkpoint", database)
          .put("complete", done.complete())
          .put("logFrames", done.logFrames())
          .put("movedFrames", done.movedFrames())
          .put("heldUpBy", InspectLockCommand.processes(done.heldUpBy()))
          .print(invocation);
    } else if (done.complete()) {
      common.confirm(invocation.console(), text(done) + "\n");
    } else {
      invocation.console().print(text(done) + "\n");
    }
    return done.complete() ? 0 : 3;
  }

  private static String text(JournalMode.Checkpoint done) {
    if (done.logFrames() < 0) {
      return "no write-ahead log";
    }
    return done.complete()
        ? "complete"
        : "incomplete: "
            + done.movedFrames()
            + " of "
            + done.logFrames()
            + " frames moved"
            + (done.heldUpBy().isEmpty()
                ? ""
                : "; held up by " + FileUse.processes(done.heldUpBy()));
  }
}
