package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.Command;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.option.CommonOptions;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.Notes;
import io.sqlitesafe.cli.output.Results;
import io.sqlitesafe.cli.output.SnapshotProgress;
import io.sqlitesafe.cli.output.Unchecked;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import io.sqlitesafe.snapshot.check.CheckReport;
import io.sqlitesafe.snapshot.file.Sizes;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            "Compares the backup with its manifest, checks it, and then, under the exclusive lock, moves the"
                + " present database with its journals aside (DB.before-restore-TIME), puts the backup in"
                + " place and checks again. Until then nothing is touched. A database that other"
                + " processes have open is refused: they would go on with the old file. With --drill all"
                + " of that is done in a scratch directory.");
    LockOptions.addOwning(spec);
    spec.addOption(
        SnapshotOptions.verify("full", "How thoroughly to check the backup before it is used."));
    spec.addOption(
        CommonOptions.flag(
            "Restore into a directory under TMPDIR and remove it again; DB is not needed.",
            "--drill"));
    spec.addOption(SnapshotOptions.foreignKeys());
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .paramLabel("BACKUP")
            .description("A backup, compressed or not.")
            .build());
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("1")
            .arity("0..1")
            .type(Path.class)
            .paramLabel(CommonOptions.DATABASE)
            .description("The database to replace; need not exist.")
            .build());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe restore backups/app-20260101T030000Z.sqlite app.db",
            "  $ sqlite-safe restore --drill backups/app-20260101T030000Z.sqlite");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path backup = arguments.matchedPositionalValue(0, Path.of(""));
    @Nullable Path database = arguments.matchedPositionalValue(1, (Path) null);
    boolean drill = arguments.matchedOptionValue("--drill", false);
    if (database == null && !drill) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "restore needs the database to replace",
          "restore BACKUP DB; to only try it: restore --drill BACKUP");
    }
    CommonOptions common = CommonOptions.of(arguments);
    SnapshotProgress progress = new SnapshotProgress(invocation.console(), common);
    RestoreRequest request =
        new RestoreRequest(
            backup,
            SnapshotOptions.verify(arguments, "full"),
            SnapshotOptions.foreignKeys(arguments));
    boolean asked = drill || arguments.hasMatchedOption("--verify");
    Settings settings =
        LockOptions.settings(
            arguments, invocation, "restore", "30s", database == null ? backup : database);
    RestoreResult result =
        drill || database == null
            ? SafeDatabase.restoreDrill(request, SnapshotOptions.scratch(), settings, progress)
            : SafeDatabase.of(database, settings).restore(request, progress);
    return print(result, asked, backup, database, common, invocation);
  }

  private static int print(
      RestoreResult result,
      boolean asked,
      Path backup,
      @Nullable Path database,
      CommonOptions common,
      Invocation invocation) {
    List<String> warnings = Unchecked.warnings(result.warnings(), result.check(), asked);
    if (common.json()) {
      json(result, backup, database).put("warnings", warnings).print(invocation);
    } else {
      Notes notes = new Notes(invocation.console(), common);
      warnings.forEach(notes::warning);
      Unchecked.tell(result.check(), asked, notes);
      invocation.console().print(text(result, backup, database) + "\n");
    }
    return warnings.isEmpty() ? 0 : ErrorKind.WARNINGS.exitCode();
  }

  private static String text(RestoreResult result, Path backup, @Nullable Path database) {
    CheckReport check = result.check();
    String what =
        Sizes.text(result.bytes())
            + (result.manifest() ? ", as its manifest says" : ", no manifest")
            + (check == null
                ? ", not checked"
                : ", " + Unchecked.verdict(check.level().id(), check));
    if (result.drill()) {
      return backup + ": can be restored: " + what;
    }
    return database
        + ": restored: "
        + what
        + (result.movedAside() == null ? "" : "; the former one is " + result.movedAside());
  }

  private static Results json(RestoreResult result, Path backup, @Nullable Path database) {
    CheckReport check = result.check();
    Map<String, @Nullable Object> verify = new LinkedHashMap<>();
    verify.put("level", check == null ? CheckLevel.NONE.id() : check.level().id());
    verify.put("ok", check == null ? null : true);
    verify.put("problems", check == null ? 0 : check.problems().size());
    Unchecked.put(verify, check);
    return new Results("restore", database)
        .put("backup", backup.toAbsolutePath().toString())
        .put("drill", result.drill())
        .put("bytes", result.bytes())
        .put("sha256", result.sha256())
        .put("manifest", result.manifest())
        .put("verify", verify)
        .put("movedAside", result.movedAside() == null ? null : result.movedAside().toString())
        .put("lockHeldMs", result.locked().toMillis());
  }
}
