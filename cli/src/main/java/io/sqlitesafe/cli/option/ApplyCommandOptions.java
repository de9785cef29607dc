package io.sqlitesafe.cli.option;

import io.sqlitesafe.changeset.ConflictKind;
import io.sqlitesafe.changeset.ConflictPolicy;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that only {@code changeset apply} has. */
public final class ApplyCommandOptions {
  private static final List<String> RESOLUTIONS = List.of("abort", "omit", "replace");
  private static final List<String> SWITCH = List.of("on", "off");

  private ApplyCommandOptions() {}

  public static CommandSpec add(CommandSpec spec) {
    spec.addOption(
        CommonOptions.choice(
            "WHAT",
            "How to resolve every conflict: abort = undo everything; omit = skip the change;"
                + " replace = let the change win, which is possible for data and conflict (the"
                + " other kinds then abort).",
            RESOLUTIONS,
            "abort",
            "--on-conflict"));
    spec.addOption(
        CommonOptions.list(
            String.class,
            "KIND=WHAT",
            "How to resolve one kind of conflict: data (the row holds other values), notfound"
                + " (there is no such row), conflict (there already is a row with that key),"
                + " constraint, foreign-key. Separate several with commas, or repeat the option.",
            "--on"));
    spec.addOption(
        CommonOptions.flag("Undo what the changesets did, the last one first.", "--invert"));
    spec.addOption(
        CommonOptions.flag(
            "Do not treat it as a conflict if a change is already there; triggers and"
                + " foreign-key actions make such changes.",
            "--ignore-noop"));
    spec.addOption(
        CommonOptions.choice(
            "SWITCH",
            "Whether foreign-key actions (ON DELETE CASCADE and the like) run, as they do in"
                + " SQLite's own apply. A changeset already holds what they did at its origin; if"
                + " they run again, they may delete rows that are still to be changed. If off,"
                + " foreign keys are checked at the end.",
            SWITCH,
            "off",
            "--foreign-key-actions"));
    spec.addOption(
        CommonOptions.flag("Do everything, report every conflict, then roll back.", "--dry-run"));
    spec.addOption(
        CommonOptions.choice(
            "SWITCH", "Whether the database's triggers fire.", SWITCH, "on", "--triggers"));
    spec.addOption(
        CommonOptions.file(
            "Write how conflicts were resolved to FILE, for changeset rebase.", "--rebase-out"));
    spec.addOption(
        CommonOptions.flag(
            "Rebuild full-text indexes that no longer match their tables.",
            "--rebuild",
            "--rebuild-fts"));
    return spec.addOption(
        CommonOptions.flag("Do not fail if nothing could be applied.", "--allow-nothing"));
  }

  public static boolean triggers(ParseResult arguments) {
    return CommonOptions.chosen(arguments, "--triggers", SWITCH, "on").equals("on");
  }

  public static boolean foreignKeyActions(ParseResult arguments) {
    return CommonOptions.chosen(arguments, "--foreign-key-actions", SWITCH, "off").equals("on");
  }

  /** {@code --on-conflict} and {@code --on}. */
  public static ConflictPolicy policy(ParseResult arguments) {
    String all = CommonOptions.chosen(arguments, "--on-conflict", RESOLUTIONS, "abort");
    ConflictPolicy policy = ConflictPolicy.of(resolution(all));
    List<String> finer = arguments.matchedOptionValue("--on", List.of());
    for (String list : finer) {
      for (String each : list.split(",", -1)) {
        policy = with(policy, each.strip());
      }
    }
    return policy;
  }

  private static ConflictPolicy with(ConflictPolicy policy, String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    String what = equals < 0 ? "" : text.substring(equals + 1);
    for (ConflictKind kind : ConflictKind.values()) {
      if (kind.id().equals(name) && RESOLUTIONS.contains(what)) {
        if (what.equals("replace") && !kind.replaceable()) {
          throw new SqliteSafeException(
              ErrorKind.USAGE,
              "a conflict of kind " + name + " cannot be resolved by replace",
              "only data and conflict can");
        }
        return policy.with(kind, resolution(what));
      }
    }
    String kinds =
        Arrays.stream(ConflictKind.values())
            .map(ConflictKind::id)
            .collect(Collectors.joining(", "));
    throw new SqliteSafeException(
        ErrorKind.USAGE,
        "--on takes KIND=WHAT, not '" + text + "'",
        "kinds: " + kinds + "; what: " + String.join(", ", RESOLUTIONS));
  }

  private static Resolution resolution(String name) {
    return Resolution.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
