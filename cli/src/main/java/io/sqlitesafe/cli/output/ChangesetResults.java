package io.sqlitesafe.cli.output;

import io.sqlitesafe.changeset.ChangeCounts;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.option.CommonOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** How results tell of changesets. */
public final class ChangesetResults {
  private ChangesetResults() {}

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
    if (CommonOptions.of(arguments).json()) {
      new Results(command, null).put("changeset", file(file.toString(), counts)).print(invocation);
    } else {
      invocation.console().print(file + ": " + text(counts) + "\n");
    }
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
