package io.sqlitesafe.cli.command;

import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.input.Utf8Reader;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.Durations;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.cli.shell.Script;
import io.sqlitesafe.cli.shell.Shell;
import io.sqlitesafe.cli.shell.Waiting;
import io.sqlitesafe.cli.shell.terminal.InteractiveShell;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code shell DB}. */
public final class ShellCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "shell",
            "Open an interactive SQL shell",
            "An interactive shell with history, completion and the dot-commands of the sqlite3"
                + " shell (.help lists them). Reading takes no lock. A statement that writes takes"
                + " the lock for its own transaction; BEGIN takes it until COMMIT or ROLLBACK, and"
                + " the prompt then has a star. Piped input runs as a script and stops at the first"
                + " error; each statement is a transaction of its own unless BEGIN or --atomic is"
                + " used. With --json, rows are printed as JSON Lines.");
    LockOptions.addOwning(spec);
    LockOptions.addLoading(spec);
    spec.addOption(CommonOptions.flag("Refuse statements that write.", "--read-only"));
    spec.addOption(
        CommonOptions.flag("Run piped input as one transaction, all or nothing.", "--atomic"));
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "Roll back a transaction that has been idle for this long; default never.",
            "--idle-rollback"));
    spec.addPositional(CommonOptions.database());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe shell app.db",
            "  $ echo .dump | sqlite-safe shell app.db --read-only",
            "  $ sqlite-safe shell app.db --atomic < changes.sql");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 13 14 15 16";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    boolean interactive = Console.isTerminal(0) && Console.isTerminal(1);
    String idle = arguments.matchedOptionValue("--idle-rollback", (String) null);
    Duration idleRollback = idle == null ? null : Durations.parse("--idle-rollback", idle);
    Settings settings = LockOptions.settings(arguments, invocation, "shell");
    boolean atomic = arguments.matchedOptionValue("--atomic", false);
    if (!interactive) {
      return runScript(arguments, invocation, settings, atomic);
    }
    if (atomic) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--atomic is for piped input", "here, use BEGIN and COMMIT");
    }
    return converse(arguments, invocation, settings, idleRollback);
  }

  private static int converse(
      ParseResult arguments,
      Invocation invocation,
      Settings settings,
      @Nullable Duration idleRollback) {
    try (InteractiveShell terminal =
            InteractiveShell.ofProcess(invocation.console(), invocation.cancellation());
        Shell shell =
            new Shell(
                LockOptions.database(arguments),
                settings.withListener(new Waiting(terminal::say, invocation.console()::progress)),
                arguments.matchedOptionValue("--read-only", false),
                CommonOptions.of(arguments).json() ? ShellFormat.JSONL : ShellFormat.TABLE,
                terminal.output(),
                terminal::rows,
                terminal::say)) {
      return terminal.run(shell, isColoured(arguments), idleRollback);
    }
  }

  /** See no-color.org. */
  private static boolean isColoured(ParseResult arguments) {
    return switch (CommonOptions.colour(arguments)) {
      case "always" -> true;
      case "never" -> false;
      default ->
          System.getenv().getOrDefault("NO_COLOR", "").isEmpty()
              && !System.getenv().getOrDefault("TERM", "dumb").equals("dumb");
    };
  }

  private static int runScript(
      ParseResult arguments, Invocation invocation, Settings settings, boolean atomic) {
    try (SpooledOutput spool = new SpooledOutput()) {
      OutputStream out = atomic ? spool : invocation.console().out();
      Integer code;
      try (Shell shell =
          new Shell(
              LockOptions.database(arguments),
              settings,
              arguments.matchedOptionValue("--read-only", false),
              CommonOptions.of(arguments).json() ? ShellFormat.JSONL : ShellFormat.LIST,
              out,
              null,
              line -> invocation.console().note("sqlite-safe: " + line))) {
        try {
          runScript(shell, invocation, atomic);
        } finally {
          if (shell.hasDone()) {
            invocation.console().done("something was committed by the script");
          }
        }
        code = shell.exitCode() == null ? Integer.valueOf(shell.firstFailure()) : shell.exitCode();
      }
      spool.transferTo(invocation.console().out());
      return code == null ? 0 : code;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void runScript(Shell shell, Invocation invocation, boolean atomic) {
    try (Cancellation.Registration stop = invocation.cancellation().onRequest(shell::interrupt)) {
      if (atomic) {
        shell.beginAtomic();
      }
      new Script(shell, invocation.cancellation())
          .run(new Utf8Reader(invocation.console().in(), "standard input"));
      if (atomic) {
        shell.commitAtomic();
      }
    } catch (SqliteSafeException e) {
      if (e.kind() == ErrorKind.INTERRUPTED) {
        invocation.cancellation().throwIfRequested(); // SIGTERM rather than SIGINT
      }
      throw withFate(e, atomic, shell.session().status().inTransaction());
    }
  }

  /** Says what becomes of the rest of the script; the shell's own words are for those who go on. */
  private static SqliteSafeException withFate(
      SqliteSafeException e, boolean atomic, boolean inTransaction) {
    if (e.hint() != null && !e.hint().startsWith("nothing was changed")) {
      return e;
    }
    String hint =
        atomic
            ? "nothing was changed"
            : inTransaction
                ? "the open transaction was rolled back; what was committed before it stays"
                : "this changed nothing; what came before it stays";
    SqliteSafeException told =
        new SqliteSafeException(e.kind(), String.valueOf(e.getMessage()), hint, e.getCause());
    e.details().forEach(told::with);
    return told;
  }
}
