package io.sqlitesafe.cli.command;

import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Changesets;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.output.results.ChangesetPrinter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset invert FILE -o FILE}. */
public final class ChangesetInvertCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "invert",
            "Make the changeset that undoes another",
            "Writes the changeset that undoes FILE. A patchset cannot be inverted, because it"
                + " does not hold the old values.");
    ChangesetFiles.addFile(spec);
    ChangesetFiles.addOutput(spec);
    spec.usageMessage()
        .footer("Examples:", "  $ sqlite-safe changeset invert today.changeset -o undo.changeset");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 13 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path file = arguments.matchedPositionalValue(0, Path.of(""));
    ChangesetFiles.Target target = ChangesetFiles.Target.of(arguments, List.of(file));
    try (ChangesetReader reader = ChangesetFiles.open(file, invocation)) {
      ChangeCounts counts =
          ChangesetFiles.write(
              target, invocation, Format.CHANGESET, writer -> Changesets.invert(reader, writer));
      ChangesetPrinter.printWritten("changeset invert", arguments, invocation, counts);
      return 0;
    }
  }
}
