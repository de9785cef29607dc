package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.cli.output.rows.Layout;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What dot-commands change: how results look, and the values of parameters. For one thread. */
final class Preferences {
  ShellFormat format;
  Layout layout = Layout.DEFAULT;
  boolean timer;
  boolean stats;
  boolean bail = true;
  boolean changes;
  boolean echo;
  boolean explainPlans;
  boolean formatExplain = true;
  final Map<String, @Nullable Object> parameters = new LinkedHashMap<>();

  Preferences(ShellFormat format) {
    this.format = format;
  }

  /** What is between columns now. */
  String columnSeparator() {
    String set = layout.columnSeparator();
    return set == null ? format.columnSeparator() : set;
  }

  /** What ends rows now. */
  String rowSeparator() {
    String set = layout.rowSeparator();
    return set == null ? format.rowSeparator() : set;
  }

  /** Tells of a statement that has ended what {@code .changes}, .stats and .timer ask for. */
  void report(Output output, SafeSession.Outcome outcome, long totalChanges, long nanos) {
    if (changes) {
      output.print("changes: " + outcome.changes() + "   total_changes: " + totalChanges + "\n");
    }
    if (stats) {
      output.print(
          String.format(
              Locale.ROOT,
              "Rows returned: %d%nRows changed: %d%nMicroseconds: %d%n",
              outcome.rows(),
              outcome.changes(),
              nanos / 1000));
    }
    if (timer) {
      output.print(String.format(Locale.ROOT, "Run Time: real %.3f%n", nanos / 1e9));
    }
  }
}
