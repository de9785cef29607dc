package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.Written;
import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.changeset.NotCaptured;
import io.sqlitesafe.changeset.PendingOutcome;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.text.DisplayText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells of captured changes. */
public final class CapturePrinter {
  private static final int NAME_WIDTH = 60;

  private CapturePrinter() {}

  /** What was captured, and what was left of an earlier capture; a member each, where there is. */
  public static void add(Results result, Written<?> written) {
    if (written.changeset() != null) {
      add(result, written.changeset());
    }
    if (written.pending() != null) {
      add(result, written.pending());
    }
  }

  /** The member {@code changeset}. */
  private static void add(Results result, Captured captured) {
    Map<String, @Nullable Object> changeset =
        ChangesetPrinter.file(captured.file().toAbsolutePath().toString(), captured.counts());
    changeset.put("format", captured.format().label());
    changeset.put("method", captured.method().name().toLowerCase(Locale.ROOT));
    changeset.put("notCaptured", missing(captured.notCaptured()));
    result.put("changeset", changeset);
  }

  static List<Map<String, @Nullable Object>> missing(List<NotCaptured> all) {
    return all.stream()
        .map(
            each -> {
              Map<String, @Nullable Object> table = new LinkedHashMap<>();
              table.put("table", each.table());
              table.put("reason", each.reason());
              return table;
            })
        .toList();
  }

  /** The member {@code pendingChangeset}: what a crashed writer had left. */
  private static void add(Results result, PendingOutcome pending) {
    Map<String, @Nullable Object> outcome = new LinkedHashMap<>();
    outcome.put("file", pending.file().toString());
    outcome.put("outcome", pending.end().id());
    result.put("pendingChangeset", outcome);
  }

  /** A line for each thing that is missing. */
  public static void note(Captured captured, Notes notes) {
    for (NotCaptured each : captured.notCaptured()) {
      notes.note("not in the " + captured.format().label() + ": " + text(each));
    }
  }

  static String text(NotCaptured each) {
    return DisplayText.of(each.table(), NAME_WIDTH) + ": " + each.reason();
  }
}
