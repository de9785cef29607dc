package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.Layout;
import io.sqlitesafe.cli.output.ShellFormat;
import java.util.LinkedHashMap;
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
}
