package io.sqlitesafe.cli.command;

import io.sqlitesafe.BreakResult;
import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code break-stale DB}. */
public final class BreakStaleCommand implements Command {
  private static final String DEFAULT_WAIT = "10m";

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "break-stale",
            "Break the lock of a dead owner",
            "Breaks the lock if the protocol judges its owner dead, and waits as long as that"
                + " judgement takes: no time if the process is proven gone, 22 s if its host has"
                + " rebooted or its heartbeat is too old, 120 s if it is only silent. Then rolls"
                + " back a hot journal and checks the database. If the owner shows signs of life,"
                + " the exit status is 11.",
            "With --owner and --force, breaks the lock of exactly that token, without a"
                + " judgement.",
            "With --foreign, removes the lock of another program, which the protocol cannot judge:"
                + " an empty directory (SQLite's dotfile locking, node-sqlite3-wasm,"
                + " proper-lockfile), unless it is seen to be in use on this host (exit status 11;"
                + " --force overrides that). A lock file (py-filelock, lockfile) is removed only"
                + " with --force as well, because its owner may be alive or on another host, and"
                + " never if a process on this host has locked it.");
    LockOptions.addWaiting(spec, DEFAULT_WAIT);
    LockOptions.addTimes(spec);
    spec.addOption(
        CommonOptions.value(
            "TOKEN", "The lock's token, as inspect-lock shows it; needs --force.", "--owner"));
    spec.addOption(
        CommonOptions.flag(
            "Remove another program's empty lock directory; with --force also a lock file.",
            "--foreign"));
    spec.addOption(
        CommonOptions.flag("Break without judgement; needs --owner or --foreign.", "--force"));
    spec.addOption(CommonOptions.flag("Judge only; touch nothing.", "--dry-run"));
    spec.addPositional(CommonOptions.database());
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe break-stale app.db");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    boolean foreign = arguments.matchedOptionValue("--foreign", false);
    LockToken forced = foreign ? noToken(arguments) : forced(arguments);
    SafeDatabase safe =
        SafeDatabase.of(
            database, LockOptions.settings(arguments, invocation, "break-stale", DEFAULT_WAIT));
    if (forced == null) {
      safe.inspectLock(); // a mistyped name is no free lock
    }
    boolean dryRun = arguments.matchedOptionValue("--dry-run", false);
    BreakResult report =
        foreign
            ? safe.breakForeignLock(arguments.matchedOptionValue("--force", false), dryRun)
            : safe.breakStaleLock(forced, dryRun);
    CommonOptions common = CommonOptions.of(arguments);
    BreakResult.Check check = report.check();
    boolean good = check == null || (check.notDone() == null && check.problems().isEmpty());
    if (!report.dryRun() && report.broken() != null) {
      invocation.console().done("broke the lock of " + report.broken().describe());
    }
    if (common.json()) {
      json(report, database).print(invocation);
    } else if (good && !report.dryRun()) {
      common.confirm(invocation.console(), text(report));
    } else {
      invocation.console().print(text(report));
    }
    if (check == null || good) {
      return 0;
    }
    return (check.notDone() == null ? ErrorKind.DAMAGED : ErrorKind.WARNINGS).exitCode();
  }

  private static @Nullable LockToken noToken(ParseResult arguments) {
    if (arguments.hasMatchedOption("--owner")) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--owner and --foreign exclude each other",
          "another program's lock has no token");
    }
    return null;
  }

  private static @Nullable LockToken forced(ParseResult arguments) {
    String token = arguments.matchedOptionValue("--owner", (String) null);
    boolean force = arguments.matchedOptionValue("--force", false);
    if ((token == null) == force) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--owner and --force go together",
          "name the owner to break by force; inspect-lock shows its token");
    }
    if (token != null && !LockToken.isToken(token)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "'" + token + "' is not a token",
          "a token has 32 hexadecimal digits; inspect-lock shows it");
    }
    return token == null ? null : new LockToken(token);
  }

  private static Results json(BreakResult report, Path database) {
    Results result =
        new Results("break-stale", database)
            .put(
                "broken", (report.broken() != null || report.foreign() != null) && !report.dryRun())
            .put("dryRun", report.dryRun())
            .put("owner", report.broken() == null ? null : Results.holder(report.broken()))
            .put(
                "evidence",
                report.evidence() == null
                    ? null
                    : report.evidence().name().toLowerCase(java.util.Locale.ROOT));
    if (report.foreign() != null) {
      result.put("foreign", report.foreign().id());
    }
    List<Object> readers = new ArrayList<>();
    report.readers().forEach(reader -> readers.add(Results.holder(reader)));
    result.put("readers", readers);
    BreakResult.Check check = report.check();
    if (check != null) {
      Map<String, @Nullable Object> found = new LinkedHashMap<>();
      found.put("recoveredJournal", check.recoveredJournal());
      found.put("done", check.notDone() == null);
      found.put("reason", check.notDone());
      found.put("ok", check.notDone() == null ? check.problems().isEmpty() : null);
      found.put("problems", check.problems());
      result.put("check", found);
    }
    return result;
  }

  private static String text(BreakResult report) {
    StringBuilder text = new StringBuilder();
    for (Holder reader : report.readers()) {
      text.append(report.dryRun() ? "would break" : "broke")
          .append(" the shared lock of ")
          .append(reader.describe())
          .append('\n');
    }
    if (report.foreign() != null) {
      text.append(report.dryRun() ? "would remove " : "removed ")
          .append(report.foreign().text())
          .append('\n');
    } else if (report.broken() == null) {
      return text.append("free: there was no lock to break\n").toString();
    } else {
      text.append(report.dryRun() ? "would break" : "broke")
          .append(" the lock of ")
          .append(report.broken().describe())
          .append(report.evidence() == null ? " by force" : ": " + report.evidence().text())
          .append('\n');
    }
    BreakResult.Check check = report.check();
    if (check != null) {
      text.append(check.recoveredJournal() ? "rolled back its journal\n" : "");
      if (check.notDone() != null) {
        text.append("not checked: ").append(check.notDone()).append('\n');
      } else {
        text.append(check.problems().isEmpty() ? "quick_check: ok\n" : "quick_check:\n");
      }
      check.problems().forEach(problem -> text.append("  ").append(problem).append('\n'));
    }
    return text.toString();
  }
}
