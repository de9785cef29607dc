package io.sqlitesafe.cli.command;

import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.Rebaser;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.output.results.ChangesetPrinter;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset rebase FILE --using FILE -o FILE}. */
public final class ChangesetRebaseCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "rebase",
            "Adapt a changeset to changes that were made elsewhere first",
            "Rewrites the local changeset FILE, which was made before another site's changes were"
                + " known, so that it can be applied there. How conflicts were resolved when those"
                + " changes were applied here is in the file that changeset apply --rebase-out"
                + " wrote.");
    ChangesetFiles.addFile(spec);
    spec.addOption(
        CommonOptions.list(
            Path.class,
            "REBASE",
            "A file that changeset apply --rebase-out wrote; may be repeated, in order.",
            "--using"));
    ChangesetFiles.addOutput(spec);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe changeset apply app.db theirs.changeset --on-conflict omit"
                + " --rebase-out theirs.rebase",
            "  $ sqlite-safe changeset rebase ours.changeset --using theirs.rebase -o"
                + " send.changeset");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 13 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path file = arguments.matchedPositionalValue(0, Path.of(""));
    List<Path> rebases = arguments.matchedOptionValue("--using", List.of());
    if (rebases.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--using is missing", "name a file of changeset apply --rebase-out");
    }
    List<Path> inputs = new ArrayList<>(rebases);
    inputs.add(file);
    ChangesetFiles.Target target = ChangesetFiles.Target.of(arguments, inputs);
    try (Rebaser rebaser = new Rebaser();
        ChangesetReader reader = ChangesetFiles.open(file, invocation)) {
      for (Path rebase : rebases) {
        try (ChangesetReader resolved = ChangesetFiles.open(rebase, invocation)) {
          rebaser.configure(resolved);
        }
      }
      ChangeCounts counts =
          ChangesetFiles.write(
              target, invocation, Format.CHANGESET, writer -> rebaser.rebase(reader, writer));
      ChangesetPrinter.printWritten("changeset rebase", arguments, invocation, counts);
      return 0;
    }
  }
}
