package io.sqlitesafe.cli.command;

import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.changeset.ChangesetConcat;
import io.sqlitesafe.changeset.ChangesetReader;
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

/** {@code changeset concat FILE... -o FILE}. */
public final class ChangesetConcatCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "concat",
            "Make one changeset of several",
            "Writes a changeset that does what all FILEs do one after the other: several changes of"
                + " one row become one change, or none. The FILEs must be all changesets or all"
                + " patchsets. The result is in canonical order, even for a single FILE. Large"
                + " files need room for temporary files, not memory.");
    ChangesetFiles.addFiles(spec, 0);
    ChangesetFiles.addOutput(spec);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe changeset concat mon.changeset tue.changeset -o both.changeset");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 13 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    List<Path> files = arguments.matchedPositionalValue(0, List.of());
    ChangesetFiles.Target target = ChangesetFiles.Target.of(arguments, files);
    try (ChangesetConcat concat = new ChangesetConcat()) {
      for (Path file : files) {
        try (ChangesetReader reader = ChangesetFiles.open(file, invocation)) {
          concat.add(reader);
        }
      }
      Format format = concat.format() == null ? Format.CHANGESET : concat.format();
      ChangeCounts counts = ChangesetFiles.write(target, invocation, format, concat::transferTo);
      ChangesetPrinter.printWritten("changeset concat", arguments, invocation, counts);
      return 0;
    }
  }
}
