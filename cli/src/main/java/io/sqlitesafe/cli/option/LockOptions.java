package io.sqlitesafe.cli.option;

import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.input.Params;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.lock.LockLog;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.BreakPolicy;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.sql.Extensions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The options of every command that may wait for the lock, and the settings that they make. */
public final class LockOptions {
  private static final List<String> POLICIES = List.of("never", "dead", "stale");
  private static final List<String> ACCESS =
      List.of(AccessMode.TRUSTED.id(), AccessMode.NETWORK_EXCLUSIVE.id());
  private static final List<String> ACCESS_OR_NONE =
      List.of("", AccessMode.TRUSTED.id(), AccessMode.NETWORK_EXCLUSIVE.id());

  private static final String LOCK_LOG = "--lock-log";
  private static final String ALLOW_LINKS = "--allow-links";

  private static final String LOAD = "--load-extension";

  private LockOptions() {}

  /** The options that most commands have, for help and manual. */
  public static CommandSpec common() {
    return addOwning(CommonOptions.spec("", ""));
  }

  /** Whether an option is the same as one of those, default included. */
  public static boolean isCommon(OptionSpec option, List<OptionSpec> common) {
    return common.stream()
        .anyMatch(
            each ->
                each.longestName().equals(option.longestName())
                    && Arrays.equals(each.description(), option.description()));
  }

  /** Adds {@code --load-extension}. */
  public static CommandSpec addLoading(CommandSpec spec) {
    return spec.addOption(
        CommonOptions.list(
            String.class,
            "LIBRARY",
            "Load an extension of SQLite, for functions, collations and modules that the schema"
                + " needs (mod_spatialite, ICU, a vector search): a path with a slash, or a name"
                + " that the system looks up. It is a program that runs with all your rights, in"
                + " this process, also while the lock is held: load only what you trust, and"
                + " nothing that a stranger may write. May be repeated.",
            LOAD));
  }

  /** SQL that loads what was asked for; empty where nothing was. */
  public static String loading(ParseResult arguments) {
    List<String> libraries = arguments.matchedOptionValue(LOAD, List.of());
    StringBuilder sql = new StringBuilder();
    for (String library : libraries) {
      sql.append(Extensions.sql(library.contains("/") ? absolute(library) : library, null));
    }
    return sql.toString();
  }

  private static String absolute(String library) {
    return Path.of(library).toAbsolutePath().toString();
  }

  /** Adds {@code --wait} and the modes of access. */
  public static CommandSpec addWaiting(CommandSpec spec, String defaultWait) {
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "How long to wait for the lock, and for SQLite's own locks: 0, 500ms, 30s, 5m, forever;"
                + " default "
                + defaultWait
                + ".",
            "--wait"));
    spec.addOption(
        CommonOptions.choice(
            "MODE",
            "Refuse (15) a database that is not marked for this mode of access.",
            ACCESS,
            "what the database is marked with",
            "--access"));
    addAllowingLinks(spec);
    return addAssuming(spec);
  }

  /** Adds what a person may know about other names of the file. */
  public static CommandSpec addAllowingLinks(CommandSpec spec) {
    return spec.addOption(
        CommonOptions.flag(
            "Go on although the file has other names (hard links, or a mount of the file alone),"
                + " each with a lock and a journal of its own. Make sure that nobody uses them.",
            ALLOW_LINKS));
  }

  /** Whether that was given. */
  public static boolean allowsLinks(ParseResult arguments) {
    return arguments.matchedOptionValue(ALLOW_LINKS, false);
  }

  /** Adds what a person may know about the file system that its type does not show. */
  public static CommandSpec addAssuming(CommandSpec spec) {
    spec.addOption(
        CommonOptions.flag(
            "Treat the file system as one that only this host uses, whatever its type: nothing is"
                + " refused or warned of.",
            "--assume-local"));
    return spec.addOption(
        CommonOptions.flag(
            "Treat the file system as one that several hosts use, with locks that work between"
                + " them, whatever its type: only a write-ahead log is refused.",
            "--assume-network"));
  }

  private static Mount.Assumed assumed(ParseResult arguments) {
    boolean local = arguments.matchedOptionValue("--assume-local", false);
    boolean network = arguments.matchedOptionValue("--assume-network", false);
    if (local && network) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--assume-local and --assume-network contradict each other", "use one");
    }
    return local ? Mount.Assumed.LOCAL : network ? Mount.Assumed.NETWORK : Mount.Assumed.NOTHING;
  }

  /** Adds what an owner of the lock may choose. */
  public static CommandSpec addOwning(CommandSpec spec) {
    addWaiting(spec, "30s");
    spec.addOption(
        CommonOptions.choice(
            "WHOM",
            "Which locks may be broken: dead = of an owner whose process is proven gone; stale ="
                + " also of an owner that has stopped sending heartbeats.",
            POLICIES,
            "dead",
            "--break"));
    spec.addOption(
        CommonOptions.file(
            "Append one JSON line to it for each lock that was taken, after its release: who had"
                + " it, how long that one waited for it and held it, and whose lock was broken. May"
                + " be renamed away at any time. Default: $SQLITE_SAFE_LOCK_LOG, if set.",
            LOCK_LOG));
    return addTimes(spec);
  }

  /** Adds the other kind of commit in network-exclusive access. */
  public static CommandSpec addInPlace(CommandSpec spec) {
    return spec.addOption(
        CommonOptions.flag(
            "In network-exclusive access, write into the file itself instead of replacing it. This"
                + " is cheaper for a large file, but a writer that is stopped for longer than the"
                + " stale limit in the middle of its commit can damage it (exit status 16).",
            "--in-place"));
  }

  /** Adds heartbeat and stale limit. */
  public static CommandSpec addTimes(CommandSpec spec) {
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "Heartbeat interval of the lock's owner; default 10s.",
            "--heartbeat-interval"));
    return spec.addOption(
        CommonOptions.value(
            "DURATION",
            "How long an owner may send no heartbeat before it counts as stale; default 120s.",
            "--stale-after"));
  }

  /** Settings out of what was given; options that the command does not have keep their defaults. */
  public static Settings settings(ParseResult arguments, Invocation invocation, String command) {
    return settings(arguments, invocation, command, "30s");
  }

  /** As above, for a command with another default of {@code --wait}. */
  public static Settings settings(
      ParseResult arguments, Invocation invocation, String command, String defaultWait) {
    return settings(arguments, invocation, command, defaultWait, database(arguments));
  }

  /** As above, for a command whose database is not its first argument. */
  public static Settings settings(
      ParseResult arguments,
      Invocation invocation,
      String command,
      String defaultWait,
      Path database) {
    CommonOptions common = CommonOptions.of(arguments);
    String access = CommonOptions.chosen(arguments, "--access", ACCESS_OR_NONE, "");
    String policy = CommonOptions.chosen(arguments, "--break", POLICIES, "dead");
    Optional<LockToken> parent = ParentLock.find(database, System.getenv());
    return Settings.defaults()
        .withAllowLinks(allowsLinks(arguments) || ParentLock.allowsLinks(parent, System.getenv()))
        .withPatience(
            Durations.parseOrForever("--wait", arguments.matchedOptionValue("--wait", defaultWait)))
        .withPolicy(BreakPolicy.valueOf(policy.toUpperCase(Locale.ROOT)))
        .withTimes(times(arguments))
        .withCommand(command)
        .withParent(parent)
        .withAccess(access.isEmpty() ? null : AccessMode.of(access))
        .withInPlace(arguments.matchedOptionValue("--in-place", false))
        .withResolvePending(CaptureOptions.resolvesPending(arguments))
        .withLoading(loading(arguments))
        .withCancellation(invocation.cancellation())
        .withListener(logged(new Notes(invocation.console(), common), arguments, database))
        .withAssumed(assumed(arguments));
  }

  /** No file that the command line names otherwise: what is read, or written by something else. */
  private static OutputRule guardedFiles(ParseResult arguments, Path database) {
    OutputRule rule = new OutputRule().database(database, "the database");
    for (OptionSpec option : arguments.matchedOptions()) {
      if (!option.longestName().equals(LOCK_LOG)) {
        rule.files(paths(option.getValue()), "what " + option.longestName() + " names");
      }
    }
    for (PositionalParamSpec place : arguments.matchedPositionals()) {
      rule.files(paths(place.getValue()), "what the command line names");
      if (place.paramLabel().equals(SnapshotOptions.DESTINATION)) {
        Path copy = CommonOptions.path(place.getValue());
        rule.file(copy, "the destination");
        rule.file(Manifest.pathFor(copy), "the destination's manifest");
      }
    }
    List<String> parameters = arguments.matchedOptionValue("--param", List.of());
    return rule.files(Params.files(parameters), "the file of a parameter");
  }

  private static List<Path> paths(@Nullable Object value) {
    List<?> all = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
    List<Path> paths = new ArrayList<>();
    for (Object each : all) {
      if (each instanceof Path path) {
        paths.add(path);
      }
    }
    return paths;
  }

  /** What the environment asks for is no reason to fail; what the command line asks for is. */
  private static LockListener logged(LockListener notes, ParseResult arguments, Path database) {
    Path given = arguments.matchedOptionValue(LOCK_LOG, (Path) null);
    if (given != null) {
      return new LockLog(guardedFiles(arguments, database).appendable(given, LOCK_LOG), notes);
    }
    String everywhere = System.getenv("SQLITE_SAFE_LOCK_LOG");
    if (everywhere == null || everywhere.isEmpty()) {
      return notes;
    }
    OutputRule rule = guardedFiles(arguments, database);
    if (everywhere.indexOf(CommonOptions.REPLACEMENT) >= 0) {
      notes.warning("no lock log: $SQLITE_SAFE_LOCK_LOG is not valid UTF-8: " + everywhere);
      return notes;
    }
    try {
      return new LockLog(
          rule.appendable(CommonOptions.file(everywhere), "$SQLITE_SAFE_LOCK_LOG"), notes);
    } catch (SqliteSafeException | InvalidPathException | TypeConversionException e) {
      notes.warning("no lock log: " + e.getMessage());
      return notes;
    }
  }

  private static LockTimes times(ParseResult arguments) {
    Duration beat = duration(arguments, "--heartbeat-interval", "10s");
    Duration stale = duration(arguments, "--stale-after", "120s");
    try {
      return new LockTimes(beat, stale);
    } catch (IllegalArgumentException e) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          String.valueOf(e.getMessage()),
          "see --heartbeat-interval and --stale-after",
          e);
    }
  }

  private static Duration duration(ParseResult arguments, String option, String otherwise) {
    return Durations.parse(option, arguments.matchedOptionValue(option, otherwise));
  }

  /** The database that was named. */
  public static Path database(ParseResult arguments) {
    return arguments.matchedPositionalValue(0, Path.of(""));
  }
}
