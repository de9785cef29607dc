package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.ParentLock;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.ForwardingLockListener;
import io.sqlitesafe.lock.LockListener;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code with-lock DB -- COMMAND [ARG...]}. */
public final class WithLockCommand implements Command {
  private static final List<String> ON_LOST = List.of("kill", "warn");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "with-lock",
            "Run a program while holding the lock",
            "Runs COMMAND while holding the exclusive lock, and exits with its status (128 + N"
                + " if signal N killed it). The exit statuses below apply until the command has"
                + " started, and 12 also afterwards. Commands of sqlite-safe inside it take part in"
                + " the lock instead of waiting for it.",
            "The lock is not checked when the program commits, so the database is safe only as"
                + " long as the lock is not lost. If it is lost, the program is stopped (--on-lost"
                + " kill).",
            "If sqlite-safe itself is killed, the command is killed too where the system supports"
                + " it (Linux, with setpriv of util-linux). The lock counts as held as long as the"
                + " command, or anything that it has started with its environment, is running on"
                + " this host. Programs of other users (started by sudo, for example) and daemons"
                + " that have dropped that environment are not covered.");
    LockOptions.addOwning(spec);
    spec.addOption(
        CommonOptions.choice(
            "HOW",
            "What to do if the lock is lost: kill = stop the command (SIGTERM, then SIGKILL);"
                + " warn = only print a warning. The exit status is 12 in both cases.",
            ON_LOST,
            "kill",
            "--on-lost"));
    spec.addPositional(CommonOptions.database());
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("1..*")
            .arity("1..*")
            .required(true)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel("COMMAND")
            .description("The program and its arguments, after \"--\".")
            .build());
    spec.usageMessage()
        .customSynopsis("sqlite-safe with-lock [OPTIONS] DB -- COMMAND [ARG...]")
        .footer("Examples:", "  $ sqlite-safe with-lock app.db -- sqlite3 app.db 'VACUUM'");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 15 126 127";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    List<String> command = arguments.matchedPositionalValue(1, List.of());
    boolean kill = CommonOptions.chosen(arguments, "--on-lost", ON_LOST, "kill").equals("kill");
    Settings settings = LockOptions.settings(arguments, invocation, "with-lock " + command.get(0));
    AtomicReference<ChildProcess> child = new AtomicReference<>();
    Settings watched =
        settings.withListener(
            new OnLost(
                settings.listener(),
                () -> {
                  invocation.console().note("sqlite-safe: the lock of " + database + " was lost");
                  ChildProcess running = child.get();
                  if (kill && running != null) {
                    running.stop();
                  }
                }));
    return SafeDatabase.of(database, watched)
        .withLock(lock -> runLocked(lock, database, settings, command, child));
  }

  private static int runLocked(
      ExclusiveLock lock,
      Path database,
      Settings settings,
      List<String> command,
      AtomicReference<ChildProcess> child) {
    Cancellation cancellation = settings.cancellation();
    cancellation.throwIfRequested();
    ChildProcess process =
        ChildProcess.start(
            command,
            environment ->
                ParentLock.export(
                    database, lock.token(), settings.file().allowLinks(), environment),
            started -> lock.declareWorker(started.pid()));
    child.set(process);
    int status;
    try (Cancellation.Registration forward =
        cancellation.onRequest(() -> process.signal(cancellation.requested()))) {
      status = process.await();
    }
    try {
      lock.ensureHeld();
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.LOCK_LOST) {
        throw e;
      }
      throw new SqliteSafeException(
          ErrorKind.LOCK_LOST,
          String.valueOf(e.getMessage()) + "; the command ended with status " + status,
          "another process may have written meanwhile: check what the command did",
          e);
    }
    return status;
  }

  /** Reacts to the loss of the lock, of which this command then tells by its own error. */
  private record OnLost(LockListener next, Runnable reaction) implements ForwardingLockListener {
    @Override
    public void tidied(String message) {
      next.tidied(message);
    }

    @Override
    public void advice(io.sqlitesafe.mount.Mount mount, String message) {
      next.advice(mount, message);
    }

    @Override
    public void lost() {
      reaction.run();
    }
  }
}
