package io.sqlitesafe.cli.option;

import io.sqlitesafe.changeset.CaptureMethod;
import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OutputRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that make a file of what a transaction changes. */
public final class CaptureOptions {
  private static final List<String> METHODS = List.of("auto", "triggers", "diff");

  private static final String RESOLVE = "--resolve-pending";

  private static final String ROWIDS = "--rowid-tables";

  private CaptureOptions() {}

  /** Adds {@code --rowid-tables}. */
  public static CommandSpec addRowids(CommandSpec spec) {
    return spec.addOption(
        CommonOptions.flag(
            "Tables without PRIMARY KEY too, their rows told apart by their rowids, as SQLite's"
                + " session extension has it by SQLITE_SESSION_OBJCONFIG_ROWID. VACUUM and"
                + " vacuum-into may number rows anew, and such a changeset then means other rows.",
            ROWIDS));
  }

  /** Whether tables without PRIMARY KEY go by their rowids. */
  public static boolean rowids(ParseResult arguments) {
    return arguments.matchedOptionValue(ROWIDS, false);
  }

  public static CommandSpec add(CommandSpec spec) {
    spec.addOption(
        CommonOptions.file(
            "Write a changeset of what the transaction changes to FILE, which appears together"
                + " with the commit. It is the same as SQLite's session extension makes.",
            "--changeset"));
    spec.addOption(
        CommonOptions.file(
            "As --changeset, but write a patchset: it is smaller, but holds no old values and"
                + " cannot be inverted.",
            "--patchset"));
    spec.addOption(
        CommonOptions.choice(
            "METHOD",
            "How changes are noticed: triggers = by temporary triggers, whose cost grows with the"
                + " number of changed rows; diff = by comparing all tables at the end; auto = by"
                + " the size of the database.",
            METHODS,
            "auto",
            "--capture"));
    spec.addOption(
        CommonOptions.flag(
            "Capture by both methods, and roll back unless they agree.", "--verify-capture"));
    spec.addOption(
        CommonOptions.flag(
            "Publish or discard a changeset that another user's crashed writer has left."
                + " Without this, only commands of that user do.",
            RESOLVE));
    addRowids(spec);
    return spec.addOption(
        CommonOptions.flag(
            "Roll back and exit with 13 if a changeset cannot hold everything (virtual tables,"
                + " tables without PRIMARY KEY, schema changes).",
            "--require-complete"));
  }

  /**
   * Refuses a file that must not be written to, before any lock is taken.
   *
   * @return the file that is meant; null where nothing is captured
   */
  public static @Nullable Path check(@Nullable CaptureRequest capture, OutputRule rule) {
    if (capture == null || capture.file().toString().equals("-")) {
      return null; // standard output is refused elsewhere
    }
    return rule.replaceable(capture.file(), "--" + capture.format().label());
  }

  /** Whether a crashed writer's changeset is to be dealt with, whoever that was. */
  public static boolean resolvesPending(ParseResult arguments) {
    return arguments.matchedOptionValue(RESOLVE, false);
  }

  /** What was asked for, or null. */
  public static @Nullable CaptureRequest of(ParseResult arguments) {
    Path changeset = arguments.matchedOptionValue("--changeset", (Path) null);
    Path patchset = arguments.matchedOptionValue("--patchset", (Path) null);
    String method = CommonOptions.chosen(arguments, "--capture", METHODS, "auto");
    boolean verify = arguments.matchedOptionValue("--verify-capture", false);
    boolean complete = arguments.matchedOptionValue("--require-complete", false);
    if (changeset != null && patchset != null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--changeset and --patchset exclude each other", "give one of them");
    }
    Path file = changeset == null ? patchset : changeset;
    if (file == null) {
      if (arguments.hasMatchedOption("--capture") || verify || complete) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "--capture, --verify-capture and --require-complete are about a changeset",
            "add --changeset FILE or --patchset FILE");
      }
      return null;
    }
    return new CaptureRequest(
        file,
        changeset == null ? Format.PATCHSET : Format.CHANGESET,
        CaptureMethod.valueOf(method.toUpperCase(Locale.ROOT)),
        verify,
        complete,
        rowids(arguments));
  }
}
