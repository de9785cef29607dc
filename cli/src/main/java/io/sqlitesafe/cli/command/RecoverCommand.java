package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.results.RecoverOutput;
import io.sqlitesafe.cli.shell.RecoveredSql;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.recover.RecoverResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code recover DAMAGED -o NEW}. */
public final class RecoverCommand implements Command {
  private static final List<String> JOURNAL = List.of("auto", "apply", "ignore");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "recover",
            "Salvage what can be read from a damaged database",
            "Reads the pages of a damaged file without SQLite and writes what they hold into a new"
                + " database, which is checked and put in place in one step. The damaged file is"
                + " not changed. It needs no valid header, schema or freelist, and may be cut off"
                + " anywhere. Committed pages of its write-ahead log are used; a rollback journal"
                + " that a crash has left is applied in memory.",
            "Pages that nothing points to are assigned to the table that they fit. Rows that fit no"
                + " table, and damaged rows, go to the table lost_and_found, whose columns are"
                + " those of the sqlite3 shell's .recover. Rows that violate a key or a UNIQUE"
                + " index go to TABLE_conflicts. Indexes are rebuilt.",
            "The exit status is 0 if nothing is missing, 3 if something is missing, which is"
                + " then listed, or if somebody else may have written meanwhile, and 14 if nothing"
                + " could be read. A good backup is better: compare with it first. What was"
                + " recovered is to be looked at before restore puts it in place, so restore does"
                + " not recover by itself.");
    LockOptions.addOwning(spec);
    spec.addOption(
        CommonOptions.file("The new database, which must not exist yet.", "-o", "--output"));
    spec.addOption(
        CommonOptions.flag(
            "Print the content as an SQL script instead of making a database.", "--sql"));
    spec.addOption(
        CommonOptions.flag(
            "Also salvage deleted rows whose place was not reused, into the table"
                + " deleted_rows: from unused pages, and from the free space of used ones,"
                + " where rowids may be lost.",
            "--deleted"));
    spec.addOption(
        CommonOptions.choice(
            "WHAT",
            "What to do with a rollback journal beside the file: auto = apply it if it is whole"
                + " and its writer is dead; apply = apply as much of it as can be read; ignore ="
                + " take the file as it is.",
            JOURNAL,
            "auto",
            "--journal"));
    spec.addPositional(
        PositionalParamSpec.builder()
            .index("0")
            .arity("1")
            .required(true)
            .type(Path.class)
            .converters(CommonOptions::file)
            .paramLabel(CommonOptions.DATABASE)
            .description("The damaged database.")
            .build());
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe recover app.db -o recovered.db",
            "  $ sqlite-safe restore recovered.db app.db",
            "  $ sqlite-safe recover app.db --sql | less");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    CommonOptions common = CommonOptions.of(arguments);
    Path database = LockOptions.database(arguments);
    @Nullable Path output = arguments.matchedOptionValue("--output", (Path) null);
    boolean sql = arguments.matchedOptionValue("--sql", false);
    requireOne(output, sql, common);
    if (output != null) {
      new OutputRule().database(database, "the damaged database").replaceable(output, "-o");
    }
    String journal = CommonOptions.chosen(arguments, "--journal", JOURNAL, "auto");
    RecoverRequest request =
        new RecoverRequest(
            arguments.matchedOptionValue("--deleted", false),
            RecoverRequest.Journal.valueOf(journal.toUpperCase(Locale.ROOT)));
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "recover"));
    SnapshotProgress progress = new SnapshotProgress(invocation.console(), common);
    if (output == null) {
      invocation.console().product();
      RecoverResult report =
          RecoveredSql.print(
              safe, request, progress, SnapshotOptions.scratch(), invocation.console());
      Notes notes = new Notes(invocation.console(), common);
      RecoverOutput.lines(report).forEach(notes::note);
      return status(report);
    }
    RecoverResult report = safe.recover(output.toAbsolutePath(), request, progress);
    invocation.console().done("made " + output);
    if (common.json()) {
      RecoverOutput.json(report, database).print(invocation);
    } else if (status(report) == 0) {
      common.confirm(invocation.console(), RecoverOutput.text(report, database, output));
    } else {
      invocation.console().print(RecoverOutput.text(report, database, output));
    }
    return status(report);
  }

  private static void requireOne(@Nullable Path output, boolean sql, CommonOptions common) {
    if ((output == null) != sql) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "recover needs one of -o FILE and --sql",
          "for example: sqlite-safe recover damaged.db -o new.db");
    }
    if (sql && common.json()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--sql prints a script, not JSON", "leave out --json, or use -o");
    }
  }

  private static int status(RecoverResult report) {
    return report.isComplete() && !report.mixed() ? 0 : ErrorKind.WARNINGS.exitCode();
  }
}
