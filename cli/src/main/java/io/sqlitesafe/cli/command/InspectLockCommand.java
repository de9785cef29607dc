package io.sqlitesafe.cli.command;

import io.sqlitesafe.InspectResult;
import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.Durations;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.LockText;
import io.sqlitesafe.cli.output.results.MountText;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.internal.fs.FileUse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code inspect-lock DB}. */
public final class InspectLockCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "inspect-lock",
            "Show who holds the lock",
            "Shows the lock's owner, the age of its heartbeat by the file system's clock, and a"
                + " verdict: free, held, dead (the owner's process is proven gone), stale (its"
                + " heartbeat is too old, or its host was rebooted), abandoned (no claim is left),"
                + " empty (a process is just taking it) or foreign (another program's lock, or"
                + " none). Also shows journals beside the database, SQLite's own locks, the"
                + " processes on this host that have the file open, and what the file system is fit"
                + " for. Changes nothing.");
    LockOptions.addTimes(spec);
    LockOptions.addAssuming(spec);
    spec.addOption(
        CommonOptions.flag(
            "Exit with 11 if the lock is held, even by a dead or stale owner, and with 15 if it"
                + " is foreign.",
            "--check"));
    spec.addOption(
        CommonOptions.flag(
            "Look repeatedly until interrupted, and print one line a change, with the time: who has"
                + " the lock, who waits.",
            "--watch"));
    spec.addOption(
        CommonOptions.value(
            "DURATION", "Time between two looks of --watch; default 1s.", "--interval"));
    spec.addPositional(CommonOptions.database());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe inspect-lock app.db",
            "  $ sqlite-safe inspect-lock app.db --json");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 11 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    SafeDatabase database =
        SafeDatabase.of(
            LockOptions.database(arguments),
            LockOptions.settings(arguments, invocation, "inspect-lock"));
    boolean json = CommonOptions.of(arguments).json();
    InspectResult report = database.inspectLock();
    if (arguments.matchedOptionValue("--watch", false)) {
      Duration pause =
          Durations.parse("--interval", arguments.matchedOptionValue("--interval", "1s"));
      watch(database, report, pause, json, invocation);
    }
    if (json) {
      json(report).print(invocation);
    } else {
      invocation.console().print(LockText.of(report));
    }
    return arguments.matchedOptionValue("--check", false) ? checkStatus(report) : 0;
  }

  private static int checkStatus(InspectResult report) {
    return switch (report.verdict()) {
      case FREE, ABANDONED -> 0;
      case HELD, DEAD, STALE, EMPTY -> 11;
      case FOREIGN -> 15;
    };
  }

  /** Ends with a request to stop, which is thrown. */
  private static void watch(
      SafeDatabase database,
      InspectResult first,
      Duration pause,
      boolean json,
      Invocation invocation) {
    InspectResult report = first;
    String shown = "";
    while (true) {
      String line = LockText.line(report);
      if (!line.equals(shown)) {
        shown = line;
        String time = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        if (json) {
          json(report).put("time", time).print(invocation);
        } else {
          invocation.console().print(time + " " + line + "\n");
        }
      }
      invocation.cancellation().sleep(pause);
      report = database.inspectLock();
    }
  }

  private static Results json(InspectResult report) {
    Results result =
        new Results("inspect-lock", report.database())
            .put("verdict", report.verdict().id())
            .put("reason", report.reason())
            .put("lock", report.lock().toString())
            .put("owner", report.holder() == null ? null : Results.holder(report.holder()))
            .put("ownerProcess", report.life().name().toLowerCase(java.util.Locale.ROOT));
    List<Object> files = new ArrayList<>();
    for (InspectResult.Beside file : report.files()) {
      files.add(map("name", file.name(), "bytes", file.bytes()));
    }
    List<Object> locks = new ArrayList<>();
    for (InspectResult.SqliteLock lock : report.sqliteLocks()) {
      Map<String, @Nullable Object> one = map("pid", lock.pid(), "kind", lock.kind());
      one.put("program", FileUse.program(lock.pid()));
      locks.add(one);
    }
    List<Object> readers = new ArrayList<>();
    for (InspectResult.Reader each : report.readers()) {
      Map<String, @Nullable Object> reader = Results.holder(each.holder());
      reader.put("verdict", each.verdict().id());
      reader.put("reason", each.reason());
      readers.add(reader);
    }
    List<Object> waiters = new ArrayList<>();
    report.waiters().forEach(waiter -> waiters.add(Results.holder(waiter)));
    Duration kept = report.kept();
    return result
        .put("access", report.access().id())
        .put("readers", readers)
        .put("keptMs", kept == null ? null : kept.toMillis())
        .put("waiters", waiters)
        .put("links", report.names().links())
        .put("fileMount", report.names().mounted())
        .put("files", files)
        .put("sqliteLocks", locks)
        .put("openBy", new ArrayList<Object>(report.openBy()))
        .put("openByProcesses", processes(report.openBy()))
        .put("foreign", foreign(report.foreign()))
        .put("fileSystem", MountText.json(report.mount()));
  }

  /** Processes with their programs. */
  static List<Object> processes(Collection<Long> pids) {
    List<Object> all = new ArrayList<>();
    for (Long pid : pids) {
      all.add(map("pid", pid, "program", FileUse.program(pid)));
    }
    return all;
  }

  private static @Nullable Map<String, @Nullable Object> foreign(
      InspectResult.@Nullable Foreign foreign) {
    if (foreign == null) {
      return null;
    }
    Object since = foreign.since() == null ? "" : foreign.since().toString();
    Map<String, @Nullable Object> map = map("kind", foreign.kind(), "since", since);
    map.put("advice", foreign.advice());
    return map;
  }

  private static Map<String, @Nullable Object> map(
      String first, Object one, String second, Object two) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put(first, one);
    map.put(second, two);
    return map;
  }
}
