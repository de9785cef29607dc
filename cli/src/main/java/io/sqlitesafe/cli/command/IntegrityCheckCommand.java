package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.Durations;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.Numbers;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.results.CheckOutput;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.CheckRun;
import io.sqlitesafe.internal.copy.ReadWatch;
import io.sqlitesafe.internal.snapshot.Cure;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code integrity-check FILE...}. */
public final class IntegrityCheckCommand implements Command {
  private static final List<String> LEVELS = List.of(CheckLevel.QUICK.id(), CheckLevel.FULL.id());
  private static final Duration FOREVER = Duration.ofDays(20);

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "integrity-check",
            "Check databases and backups for damage",
            "Checks each file as SQLite's integrity check does, and also foreign keys, full-text"
                + " indexes, the size of the file, and the manifest beside it if there is one. A"
                + " file may be a live database, a backup, or a backup compressed with gzip or"
                + " zstd, even on read-only media. Nothing is changed or left beside it. The exit"
                + " status is 14 if anything is wrong with any of them, and 3 if a part of one"
                + " could not be checked.");
    spec.addOption(
        CommonOptions.choice(
            "LEVEL",
            "How thorough the check is: quick does not compare indexes with their tables.",
            LEVELS,
            CheckLevel.FULL.id(),
            "--level"));
    spec.addOption(SnapshotOptions.foreignKeys());
    spec.addOption(
        CommonOptions.value(
            "N",
            "How many problems of each kind to report for a file; default "
                + CheckRequest.DEFAULT_MAX_ERRORS
                + ".",
            "--max-errors"));
    spec.addOption(
        CommonOptions.value(
            "N",
            "How many files to check at the same time; default: one per processor.",
            "--jobs"));
    spec.addOption(
        CommonOptions.value(
            "DURATION",
            "How long to wait for SQLite's locks if a database is being written; default 30s.",
            "--wait"));
    LockOptions.addAllowingLinks(spec);
    LockOptions.addLoading(spec);
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0..*")
            .arity("1..*")
            .required(true)
            .type(List.class)
            .auxiliaryTypes(Path.class)
            .converters(CommonOptions::file)
            .paramLabel("FILE")
            .description("Databases and backups.")
            .build());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe integrity-check app.db",
            "  $ sqlite-safe integrity-check --level quick /backup/*.sqlite.zst");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    CommonOptions common = CommonOptions.of(arguments);
    List<Path> files = arguments.matchedPositionalValue(0, List.of());
    CheckRequest request = request(arguments, invocation);
    int jobs = Numbers.positive(arguments, "--jobs", Runtime.getRuntime().availableProcessors());
    List<CheckRun.Checked> all = new ArrayList<>();
    SnapshotProgress progress = new SnapshotProgress(invocation.console(), common);
    try (ReadWatch watch =
        ReadWatch.start(progress, SnapshotListener.Phase.CHECKING, size(files))) {
      CheckRun.all(
          request,
          files,
          jobs,
          checked -> {
            all.add(checked);
            if (!common.json()) {
              tell(checked, common, invocation);
            }
          });
    }
    if (common.json()) {
      results(request, all).print(invocation);
    }
    return status(all);
  }

  private static long size(List<Path> files) {
    long size = 0;
    for (Path file : files) {
      try {
        size += Files.size(file);
      } catch (IOException missing) {
        // its own verdict will say so
      }
    }
    return size;
  }

  private static void tell(CheckRun.Checked checked, CommonOptions common, Invocation invocation) {
    CheckResult report = checked.report();
    if (report != null && report.ok() && report.complete()) {
      common.confirm(invocation.console(), CheckOutput.text(checked));
    } else {
      invocation.console().print(CheckOutput.text(checked));
    }
  }

  private static CheckRequest request(ParseResult arguments, Invocation invocation) {
    String level = CommonOptions.chosen(arguments, "--level", LEVELS, CheckLevel.FULL.id());
    Duration patience =
        Durations.parseOrForever("--wait", arguments.matchedOptionValue("--wait", "30s"));
    return CheckRequest.defaults()
        .withLevel(CheckLevel.of(level))
        .withMaxErrors(Numbers.positive(arguments, "--max-errors", CheckRequest.DEFAULT_MAX_ERRORS))
        .withForeignKeys(SnapshotOptions.foreignKeys(arguments))
        .withPatience(patience == null ? FOREVER : patience)
        .withScratch(SnapshotOptions.scratch())
        .withLoading(LockOptions.loading(arguments))
        .withAllowLinks(LockOptions.allowsLinks(arguments))
        .withCancellation(invocation.cancellation());
  }

  private static Results results(CheckRequest request, List<CheckRun.Checked> all) {
    List<Object> each = new ArrayList<>();
    all.forEach(checked -> each.add(CheckOutput.json(checked)));
    return new Results("integrity-check", all.size() == 1 ? all.get(0).file() : null)
        .put("level", request.level().id())
        .put("ok", all.stream().allMatch(CheckOutput::isOk))
        .put("files", each);
  }

  /** What helps against the worst of it; with several files it stands below each of them. */
  private static String hint(List<CheckRun.Checked> all) {
    List<CheckResult> found =
        all.stream()
            .map(CheckRun.Checked::report)
            .filter(report -> report != null && !report.ok())
            .toList();
    if (found.size() == 1) {
      return Cure.of(found.get(0));
    }
    List<CheckResult> damaged = found.stream().filter(CheckResult::isDamaged).toList();
    return Cure.of(damaged.isEmpty() ? found.get(0) : damaged.get(0))
        + (damaged.size() > 1 ? "; the others alike" : "");
  }

  /** The worst of all files: damage before a file that could not be checked, that before notes. */
  private static int status(List<CheckRun.Checked> all) {
    List<String> damaged =
        all.stream()
            .filter(c -> c.report() != null && !c.report().ok())
            .map(c -> c.file().toString())
            .toList();
    if (!damaged.isEmpty()) {
      throw new SqliteSafeException(
              ErrorKind.DAMAGED,
              all.size() == 1
                  ? "found problems in " + damaged.get(0)
                  : "found problems in "
                      + damaged.size()
                      + " of "
                      + all.size()
                      + " files: "
                      + String.join(", ", damaged),
              hint(all))
          .with("files", damaged);
    }
    for (CheckRun.Checked checked : all) {
      if (checked.error() != null) {
        throw checked.error();
      }
    }
    boolean incomplete = all.stream().anyMatch(c -> c.report() != null && !c.report().complete());
    return incomplete ? ErrorKind.WARNINGS.exitCode() : 0;
  }
}
