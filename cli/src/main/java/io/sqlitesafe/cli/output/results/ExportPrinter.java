package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.changeset.Exported;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.output.notes.Notes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Tells what {@code changeset export} has found. */
public final class ExportPrinter {
  private ExportPrinter() {}

  public static void print(
      ParseResult arguments, Invocation invocation, Path database, Exported exported) {
    CommonOptions common = CommonOptions.of(arguments);
    boolean elsewhere = !ChangesetFiles.toStandardOutput(arguments);
    if (elsewhere) {
      invocation.console().done("wrote " + ChangesetFiles.output(arguments));
    }
    if (common.json() && elsewhere) {
      json(arguments, database, exported).print(invocation);
      return;
    }
    Notes notes = new Notes(invocation.console(), common);
    for (NotCaptured table : exported.leftOut()) {
      notes.warning("left out: " + CapturePrinter.text(table));
    }
    if (elsewhere) {
      common.confirm(
          invocation.console(),
          ChangesetFiles.output(arguments)
              + ": "
              + ChangesetPrinter.text(exported.counts())
              + "\n");
    }
  }

  private static Results json(ParseResult arguments, Path database, Exported exported) {
    Results results =
        new Results("changeset export", database)
            .put(
                "changeset",
                ChangesetPrinter.file(
                    ChangesetFiles.output(arguments).toString(), exported.counts()))
            .put("leftOut", CapturePrinter.missing(exported.leftOut()))
            .put("complete", exported.leftOut().isEmpty());
    Exported.PageCounts pages = exported.pages();
    if (pages != null) {
      Map<String, @Nullable Object> counts = new LinkedHashMap<>();
      counts.put("different", pages.different());
      counts.put("all", pages.all());
      results.put("pages", counts);
    }
    if (exported.allRowsBecause() != null) {
      results.put("allRowsBecause", exported.allRowsBecause());
    }
    return results;
  }
}
