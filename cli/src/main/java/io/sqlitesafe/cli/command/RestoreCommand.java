package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.notes.Unchecked;
import io.sqlitesafe.cli.output.results.RestorePrinter;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code restore BACKUP DB}. */
public final class RestoreCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "restore",
            "Put a backup in place of the database",
            "Compares the backup with its manifest and checks it. Only then, under the exclusive"
                + " lock, moves the present database and its journals aside (to"
                + " DB.before-restore-TIME), puts the backup in place and checks again. A database"
                + " that other processes have open is refused, because they would go on using the"
                + " old file. With --drill, all of that is done in a scratch directory, for any"
                + " number of backups.");
    LockOptions.addOwning(spec);
    spec.addOption(
        SnapshotOptions.verify(
            "full", "How thorough the check of the backup is before it is used."));
    spec.addOption(
        CommonOptions.flag(
            "Restore into a scratch directory in TMPDIR and remove it again. All arguments are"
                + " backups.",
            "--drill"));
    spec.addOption(
        CommonOptions.flag("Restore even a backup that holds no tables.", "--allow-empty"));
    spec.addOption(CommonOptions.file("With --drill: " + SnapshotOptions.METRICS, "--metrics"));
    spec.addOption(SnapshotOptions.foreignKeys());
    spec.addPositional(backup("0", "1", "A backup, compressed or not."));
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("1")
            .arity("0..1")
            .type(Path.class)
            .converters(CommonOptions::file)
            .paramLabel(CommonOptions.DATABASE)
            .description("The database to replace; need not exist.")
            .build());
    spec.addPositional(backup("2..*", "0..*", "With --drill: more backups."));
    spec.usageMessage()
        .customSynopsis(
            "sqlite-safe restore [OPTIONS] BACKUP DB",
            "sqlite-safe restore --drill [OPTIONS] BACKUP...")
        .footer(
            "Examples:",
            "  $ sqlite-safe restore backups/app-20260101T030000Z.sqlite app.db",
            "  $ sqlite-safe restore --drill backups/app-*.sqlite");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15 16";
  }

  private static PositionalParamSpec backup(String index, String arity, String description) {
    return PositionalParamSpec.builder()
        .index(index)
        .arity(arity)
        .required(arity.equals("1"))
        .type(List.class)
        .auxiliaryTypes(Path.class)
        .converters(CommonOptions::file)
        .paramLabel("BACKUP")
        .description(description)
        .build();
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    List<Path> backups = new ArrayList<>(arguments.matchedPositionalValue(0, List.of()));
    @Nullable Path database = arguments.matchedPositionalValue(1, (Path) null);
    List<Path> more = arguments.matchedPositionalValue(2, List.of());
    @Nullable Path metrics = arguments.matchedOptionValue("--metrics", (Path) null);
    if (arguments.matchedOptionValue("--drill", false)) {
      if (database != null) {
        backups.add(database);
      }
      backups.addAll(more);
      return new Drill(arguments, invocation, metrics).run(backups);
    }
    if (metrics != null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--metrics are those of a drill", "leave it out, or add --drill");
    }
    if (database == null || !more.isEmpty()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          database == null
              ? "restore needs the database to replace"
              : "restore takes one backup and one database",
          "restore BACKUP DB; to only try backups: restore --drill BACKUP...");
    }
    return restore(backups.get(0), database, arguments, invocation);
  }

  private static int restore(
      Path backup, Path database, ParseResult arguments, Invocation invocation) {
    CommonOptions common = CommonOptions.of(arguments);
    RestoreResult result =
        SafeDatabase.of(
                database, LockOptions.settings(arguments, invocation, "restore", "30s", database))
            .restore(
                request(backup, arguments), new SnapshotProgress(invocation.console(), common));
    invocation.console().done("restored " + database);
    boolean asked = arguments.hasMatchedOption("--verify");
    List<String> warnings = Unchecked.warnings(result.warnings(), result.check(), asked);
    if (common.json()) {
      RestorePrinter.json(result, backup, database).put("warnings", warnings).print(invocation);
    } else {
      Notes notes = new Notes(invocation.console(), common);
      warnings.forEach(notes::warning);
      Unchecked.tell(result.check(), asked, notes);
      common.confirm(invocation.console(), RestorePrinter.text(result, backup, database) + "\n");
    }
    return warnings.isEmpty() ? 0 : ErrorKind.WARNINGS.exitCode();
  }

  static RestoreRequest request(Path backup, ParseResult arguments) {
    return new RestoreRequest(
        backup,
        SnapshotOptions.verify(arguments, "full"),
        arguments.matchedOptionValue("--allow-empty", false),
        SnapshotOptions.foreignKeys(arguments));
  }
}
