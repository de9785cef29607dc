package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.notes.Unchecked;
import io.sqlitesafe.cli.output.results.RestorePrinter;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.Compression;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.Metrics;
import io.sqlitesafe.snapshot.MetricsFile;
import io.sqlitesafe.snapshot.RestoreResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/**
 * {@code restore --drill BACKUP...}: tries each backup, whatever became of the one before.
 *
 * @param metrics where to write the outcome; null = nowhere
 */
record Drill(ParseResult arguments, Invocation invocation, @Nullable Path metrics) {

  /**
   * What became of one backup.
   *
   * @param database of which it is, by its manifest
   * @param result null where it cannot be restored
   * @param error null where it can
   */
  private record Tried(
      Path backup,
      String database,
      @Nullable RestoreResult result,
      @Nullable SqliteSafeException error) {}

  int run(List<Path> backups) {
    requireNoDatabase(backups);
    if (metrics != null) {
      OutputRule rule = new OutputRule();
      for (Path backup : backups) {
        rule.file(backup, "a backup").file(Manifest.pathFor(backup), "a backup's manifest");
      }
      rule.replaceable(metrics, "--metrics");
    }
    CommonOptions common = CommonOptions.of(arguments);
    Notes notes = new Notes(invocation.console(), common);
    List<Tried> all = new ArrayList<>();
    for (Path backup : backups) {
      Tried tried = attempt(backup, common);
      all.add(tried);
      if (!common.json() && tried.error == null) {
        common.confirm(invocation.console(), text(tried) + "\n");
      } else if (!common.json() && backups.size() > 1) {
        invocation.console().print(text(tried) + "\n");
      }
    }
    List<String> warnings = warnings(all);
    String trouble = writeMetrics(all);
    if (trouble != null) {
      warnings.add(trouble);
    }
    if (!common.json()) {
      warnings.forEach(notes::warning);
      all.forEach(each -> Unchecked.tell(check(each), true, notes));
    } else if (all.size() > 1 || all.get(0).result != null) {
      json(all, warnings).print(invocation);
    }
    requireAllGood(all);
    return warnings.isEmpty() ? 0 : ErrorKind.WARNINGS.exitCode();
  }

  /** A drill is asked for to know that all is well: what could not be looked at is one of them. */
  private static List<String> warnings(List<Tried> all) {
    List<String> warnings = new ArrayList<>();
    for (Tried tried : all) {
      if (tried.result != null) {
        String which = all.size() == 1 ? "" : tried.backup + ": ";
        Unchecked.warnings(tried.result.warnings(), check(tried), true)
            .forEach(warning -> warnings.add(which + warning));
      }
    }
    return warnings;
  }

  private static @Nullable CheckResult check(Tried tried) {
    return tried.result == null ? null : tried.result.check();
  }

  private Tried attempt(Path backup, CommonOptions common) {
    try {
      RestoreResult result =
          SafeDatabase.restoreDrill(
              RestoreCommand.request(backup, arguments),
              SnapshotOptions.scratch(),
              LockOptions.settings(arguments, invocation, "restore", "30s", backup),
              new SnapshotProgress(invocation.console(), common));
      return new Tried(backup, database(result.manifest()), result, null);
    } catch (SqliteSafeException e) {
      invocation.cancellation().throwIfRequested();
      return new Tried(backup, database(manifest(backup)), null, e);
    }
  }

  private static String database(@Nullable Manifest manifest) {
    return manifest == null ? Metrics.UNKNOWN : manifest.source();
  }

  private static @Nullable Manifest manifest(Path backup) {
    try {
      return Manifest.beside(backup);
    } catch (SqliteSafeException broken) {
      return null;
    }
  }

  // ---- what is a backup -----------------------------------------------------------------------

  /**
   * Before, the second name was that of the database, and nothing was done with it. That must not
   * go on looking like success.
   */
  private static void requireNoDatabase(List<Path> backups) {
    for (Path each : backups) {
      boolean isSource =
          backups.stream()
              .filter(other -> !other.equals(each))
              .map(Drill::manifest)
              .anyMatch(manifest -> manifest != null && isAt(each, manifest.source()));
      boolean isSecond = backups.size() == 2 && each.equals(backups.get(1));
      if (isSource || (isSecond && mayBeDatabase(each))) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "a drill takes backups, and "
                + each
                + (isSource ? " is the database itself" : " has no manifest: is it a database?"),
            isSource
                ? "leave it out; a drill does not touch it"
                : "leave it out; if it is a backup, try it by a drill of its own");
      }
    }
  }

  private static boolean isAt(Path file, String source) {
    try {
      return Files.isSameFile(file, Path.of(source));
    } catch (IOException | IllegalArgumentException notHere) {
      return false;
    }
  }

  private static boolean mayBeDatabase(Path file) {
    try {
      return manifest(file) == null
          && Files.notExists(Manifest.pathFor(file))
          && (!Files.isRegularFile(file) || Compression.detect(file) == Compression.NONE);
    } catch (IOException unreadable) {
      return false;
    }
  }

  // ---- the outcome ----------------------------------------------------------------------------

  private static String text(Tried tried) {
    return tried.result != null
        ? RestorePrinter.text(tried.result, tried.backup, null)
        : tried.backup
            + ": cannot be restored: "
            + (tried.error == null ? "" : tried.error.getMessage());
  }

  private static Results json(List<Tried> all, List<String> warnings) {
    RestoreResult only = all.get(0).result;
    if (all.size() == 1 && only != null) {
      return RestorePrinter.json(only, all.get(0).backup, null).put("warnings", warnings);
    }
    List<Object> each = new ArrayList<>();
    all.forEach(tried -> each.add(members(tried)));
    return new Results("restore", null)
        .put("drill", true)
        .put("ok", all.stream().allMatch(tried -> tried.error == null))
        .put("backups", each)
        .put("warnings", warnings);
  }

  private static Map<String, @Nullable Object> members(Tried tried) {
    if (tried.result != null) {
      Map<String, @Nullable Object> members = RestorePrinter.members(tried.result, tried.backup);
      members.put("ok", true);
      return members;
    }
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("backup", tried.backup.toAbsolutePath().toString());
    members.put("ok", false);
    if (tried.error != null) {
      members.put("error", tried.error.kind().id());
      members.put("message", tried.error.getMessage());
    }
    return members;
  }

  /** Null, or what went wrong. */
  private @Nullable String writeMetrics(List<Tried> all) {
    if (metrics == null) {
      return null;
    }
    Map<String, List<Tried>> byDatabase = new LinkedHashMap<>();
    all.forEach(
        tried -> byDatabase.computeIfAbsent(tried.database, d -> new ArrayList<>()).add(tried));
    Instant now = Instant.now();
    Duration duration = Duration.ofMillis(invocation.elapsedMillis());
    List<Metrics> each = new ArrayList<>();
    byDatabase.forEach(
        (database, tried) ->
            each.add(
                Metrics.ofDrill(
                    database,
                    tried.stream().allMatch(t -> t.error == null),
                    tried.size(),
                    now,
                    duration)));
    try {
      MetricsFile.write(metrics, each);
      return null;
    } catch (IOException e) {
      return "cannot write the metrics to " + metrics + ": " + IoErrors.reason(e);
    }
  }

  /** The worst of all: damage before anything else. */
  private static void requireAllGood(List<Tried> all) {
    List<SqliteSafeException> errors = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Tried tried : all) {
      if (tried.error != null) {
        errors.add(tried.error.kind() == ErrorKind.DAMAGED ? 0 : errors.size(), tried.error);
        names.add(tried.backup.toString());
      }
    }
    if (errors.isEmpty()) {
      return;
    }
    if (all.size() == 1) {
      throw errors.get(0);
    }
    throw new SqliteSafeException(
            errors.get(0).kind(),
            names.size()
                + " of "
                + all.size()
                + " backups cannot be restored: "
                + String.join(", ", names),
            "keep the others; make a new backup",
            errors.get(0))
        .with("backups", names);
  }
}
