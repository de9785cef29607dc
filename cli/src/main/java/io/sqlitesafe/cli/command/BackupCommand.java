package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.results.BackupPrinter;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.Metrics;
import io.sqlitesafe.snapshot.MetricsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code backup DB DEST}. */
public final class BackupCommand implements Command {
  private static final String STREAM = "-";

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "backup",
            "Make a consistent, verified copy while others write",
            "Copies the database while others go on writing, checks the copy, and puts it in place"
                + " in one step. If it fails, an earlier backup is left as it was. Writers that do"
                + " not use the lock cannot make the copy inconsistent either. An existing file is"
                + " replaced only if it is an unchanged earlier backup of the same database, which"
                + " its manifest shows; in a directory with the sticky bit, such as /tmp, only if that"
                + " manifest belongs to you, to root, or to the owner of the directory or of the"
                + " database. With --keep-* rules, earlier backups of this database are"
                + " deleted afterwards, but never the last good one, and never the last one that"
                + " holds any tables. Two backups are of the same database if they have the same"
                + " --id, or else the same path on the same machine.");
    LockOptions.addOwning(spec);
    SnapshotOptions.addKeeping(spec);
    SnapshotOptions.addCopying(
        spec,
        "The destination: a file; a directory, with / at the end if it may be missing; - for"
            + " standard output; or a pattern with {name}, {file}, {utc} and {utc:FORMAT}. A"
            + " generated name never replaces a file: -2 and so on is appended.",
        true);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe backup app.db backups/ --keep-daily 7 --keep-weekly 4",
            "  $ sqlite-safe backup app.db '/mnt/backup/{name}-{utc:yyyyMMdd}.sqlite' --compress"
                + " zstd",
            "  $ sqlite-safe backup app.db - --compress zstd | ssh host 'cat > app.db.zst'");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    BackupRequest request = SnapshotOptions.request(arguments, true);
    boolean stream = request.place().text().equals(STREAM);
    if (stream && (request.keep().isActive() || request.ifChanged() || request.dryRun())) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--keep-*, --if-changed and --dry-run are for files, which standard output is not",
          "name a directory");
    }
    Path metrics = arguments.matchedOptionValue("--metrics", (Path) null);
    if (metrics != null) {
      metricsRule(database, request).replaceable(metrics, "--metrics");
    }
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "backup"));
    CommonOptions common = CommonOptions.of(arguments);
    SnapshotProgress progress = new SnapshotProgress(invocation.console(), common);
    BackupResult result;
    try {
      result =
          stream
              ? safe.backup(
                  request, progress, SnapshotOptions.scratch(), invocation.console().product())
              : safe.backup(request, progress);
    } catch (SqliteSafeException e) {
      String trouble = write(metrics, database, request, null, invocation);
      throw trouble == null ? e : e.with("metrics", trouble);
    }
    String trouble = write(metrics, database, request, result, invocation);
    return BackupPrinter.print(
        "backup",
        database,
        trouble == null ? result : result.withWarning(trouble),
        request.manifest(),
        stream,
        arguments.hasMatchedOption("--verify"),
        common,
        invocation);
  }

  private static OutputRule metricsRule(Path database, BackupRequest request) {
    OutputRule rule = new OutputRule().database(database, "the database");
    if (!request.place().text().equals(STREAM)) {
      Path backup = CommonOptions.path(request.place().text());
      rule.file(backup, "the backup").file(Manifest.pathFor(backup), "the backup's manifest");
    }
    return rule;
  }

  /** Null, or what went wrong. */
  private static @Nullable String write(
      @Nullable Path file,
      Path database,
      BackupRequest request,
      @Nullable BackupResult result,
      Invocation invocation) {
    if (file == null || request.dryRun()) {
      return null;
    }
    try {
      Metrics metrics =
          Metrics.ofBackup(
              LockPaths.of(database).database().toString(),
              result,
              request.verify(),
              Instant.now(),
              Duration.ofMillis(invocation.elapsedMillis()));
      MetricsFile.write(file, List.of(metrics));
      return null;
    } catch (IOException e) {
      return "cannot write the metrics to " + file + ": " + IoErrors.reason(e);
    }
  }
}
