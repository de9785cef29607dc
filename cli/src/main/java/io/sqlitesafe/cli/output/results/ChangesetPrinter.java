package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.changeset.ChangesetCheck;
import io.sqlitesafe.changeset.ConflictKind;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** How results tell of changesets. */
public final class ChangesetPrinter {
  private ChangesetPrinter() {}

  /** The member {@code changeset} of a result. */
  public static Map<String, @Nullable Object> file(String file, ChangeCounts counts) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("file", file);
    members.put("bytes", counts.bytes());
    members.put("tables", counts.tables());
    members.put("inserts", counts.inserts());
    members.put("updates", counts.updates());
    members.put("deletes", counts.deletes());
    return members;
  }

  /** Tells of the file that a command wrote; not where it went to standard output itself. */
  public static void printWritten(
      String command, ParseResult arguments, Invocation invocation, ChangeCounts counts) {
    if (ChangesetFiles.toStandardOutput(arguments)) {
      return;
    }
    Path file = ChangesetFiles.output(arguments);
    CommonOptions common = CommonOptions.of(arguments);
    invocation.console().done("wrote " + file);
    if (common.json()) {
      new Results(command, null).put("changeset", file(file.toString(), counts)).print(invocation);
    } else {
      common.confirm(invocation.console(), file + ": " + text(counts) + "\n");
    }
  }

  /** Tells what {@code changeset verify} found. */
  public static void printCheck(
      ParseResult arguments,
      Invocation invocation,
      Path file,
      @Nullable Path database,
      ChangesetCheck.Result result) {
    String format = result.format() == null ? "empty changeset" : result.format().label();
    CommonOptions common = CommonOptions.of(arguments);
    if (common.json()) {
      new Results("changeset verify", database)
          .put("changeset", file(file.toString(), result.counts()))
          .put("format", result.format() == null ? null : format)
          .put("fits", database == null ? null : result.fits())
          .put("misfits", result.misfits())
          .put("conflicts", conflicts(result.conflicts()))
          .print(invocation);
      return;
    }
    StringBuilder text = new StringBuilder();
    text.append(file).append(": well-formed ").append(format).append(", ");
    text.append(text(result.counts())).append('\n');
    result.misfits().forEach(misfit -> text.append(misfit).append('\n'));
    result
        .conflicts()
        .forEach(
            (kind, rows) ->
                text.append(kind.id())
                    .append(": ")
                    .append(count(rows, "change"))
                    .append(", because ")
                    .append(kind.reason())
                    .append('\n'));
    if (result.fits()) {
      common.confirm(invocation.console(), text.toString());
    } else {
      invocation.console().print(text.toString());
    }
  }

  /** Counts by the kinds' names. */
  static Map<String, Long> conflicts(Map<ConflictKind, Long> counts) {
    Map<String, Long> byName = new LinkedHashMap<>();
    counts.forEach((kind, number) -> byName.put(kind.id(), number));
    return byName;
  }

  /** "3 inserts, 1 update, 0 deletes in 2 tables". */
  public static String text(ChangeCounts counts) {
    return count(counts.inserts(), "insert")
        + ", "
        + count(counts.updates(), "update")
        + ", "
        + count(counts.deletes(), "delete")
        + " in "
        + count(counts.tables(), "table");
  }

  /** "1 row", "2 rows". */
  public static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
