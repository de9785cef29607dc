package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.Command;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.option.CommonOptions;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.BackupReport;
import io.sqlitesafe.cli.output.SnapshotProgress;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockPaths;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.Metrics;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
            "Copies the database while others go on writing, checks the copy, and puts it in place in one"
                + " step: a backup that fails leaves an earlier one as it was. Writers that do not use"
                + " the lock cannot make the copy inconsistent either. With rules (--keep-*) earlier"
                + " backups of this database are deleted afterwards: only files that a manifest of ours"
                + " describes, and never the last good one.");
    LockOptions.addOwning(spec);
    SnapshotOptions.addKeeping(spec);
    SnapshotOptions.addCopying(
        spec,
        "Where to: a file, a directory, - for standard output, or a pattern with {name}, {file} and"
            + " {utc:FORMAT}.",
        true);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe backup app.db backups/ --keep-daily 7 --keep-weekly 4",
            "  $ sqlite-safe backup app.db '/mnt/backup/{name}-{utc:yyyyMMdd}.sqlite' --compress zstd",
            "  $ sqlite-safe backup app.db - --compress zstd | ssh host 'cat > app.db.zst'");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    BackupRequest request = SnapshotOptions.request(arguments, true);
    boolean stream = request.destination().equals(STREAM);
    if (stream && (request.keep().isActive() || request.ifChanged())) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--keep-* and --if-changed need earlier backups, which standard output has not",
          "name a file or a directory");
    }
    Path metrics = arguments.matchedOptionValue("--metrics", (Path) null);
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "backup"));
    CommonOptions common = CommonOptions.of(arguments);
    SnapshotProgress progress = new SnapshotProgress(invocation.console(), common);
    BackupResult result;
    try {
      result =
          stream
              ? safe.backup(
                  request, progress, SnapshotOptions.scratch(), invocation.console().out())
              : safe.backup(request, progress);
    } catch (SqliteSafeException e) {
      throw afterFailure(e, metrics, database, request, invocation);
    }
    if (metrics != null) {
      result = withMetrics(result, metrics, database, request, invocation);
    }
    return BackupReport.print(
        "backup",
        database,
        result,
        request.manifest(),
        stream,
        arguments.hasMatchedOption("--verify"),
        common,
        invocation);
  }

  private static BackupResult withMetrics(
      BackupResult result, Path file, Path database, BackupRequest request, Invocation invocation) {
    String trouble = write(file, database, request, result, invocation);
    if (trouble == null) {
      return result;
    }
    List<String> warnings = new ArrayList<>(result.warnings());
    warnings.add(trouble);
    return new BackupResult(
        result.file(),
        result.skipped(),
        result.manifest(),
        result.check(),
        result.longestStall(),
        result.retention(),
        warnings);
  }

  private static SqliteSafeException afterFailure(
      SqliteSafeException e,
      @Nullable Path file,
      Path database,
      BackupRequest request,
      Invocation invocation) {
    String trouble = file == null ? null : write(file, database, request, null, invocation);
    return trouble == null ? e : e.with("metrics", trouble);
  }

  /** Null, or what went wrong. */
  private static @Nullable String write(
      Path file,
      Path database,
      BackupRequest request,
      @Nullable BackupResult result,
      Invocation invocation) {
    boolean checked = result != null && request.verify() != CheckLevel.NONE;
    try {
      new Metrics(
              LockPaths.of(database).database().toString(),
              result != null,
              result != null && result.skipped(),
              Instant.now(),
              Duration.ofMillis(invocation.elapsedMillis()),
              result == null ? null : result.manifest().file().bytes(),
              result == null ? null : result.longestStall(),
              request.verify(),
              checked ? Boolean.TRUE : null,
              result == null || result.retention() == null
                  ? null
                  : result.retention().kept().size())
          .write(file);
      return null;
    } catch (IOException e) {
      return "cannot write the metrics to " + file + ": " + e.getMessage();
    }
  }
}
