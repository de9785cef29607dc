package io.sqlitesafe.cli.command;

import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.option.ColumnNames;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.output.results.ChangeForms;
import io.sqlitesafe.cli.output.results.ChangePrinter;
import io.sqlitesafe.cli.output.results.ChangesetStatistics;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code changeset show FILE}. */
public final class ChangesetShowCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "show",
            "Show what a changeset holds",
            "Shows the changes in FILE, one per line. A changeset does not hold column names:"
                + " they come from the database that --db names, or columns are numbered (c1, c2,"
                + " ...). With --json, each line is an object with table, operation, key, old and"
                + " new; a BLOB is {\"blob\": base64}.");
    ChangesetFiles.addFile(spec);
    spec.addOption(CommonOptions.file("Take column names from this database.", "--db"));
    spec.addOption(
        CommonOptions.flag(
            "Print SQL statements that do the same. An UPDATE or DELETE does nothing if the row"
                + " does not hold the expected values. Needs --db. With --json, each statement is"
                + " an object with the member sql.",
            "--sql"));
    spec.addOption(
        CommonOptions.flag("Print only how many changes there are for each table.", "--stat"));
    LockOptions.addWaiting(spec, "30s");
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe changeset show today.changeset --db app.db",
            "  $ sqlite-safe changeset show today.changeset --stat",
            "  $ sqlite-safe changeset show today.changeset --db app.db --sql > today.sql");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 11 12 13 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    boolean json = CommonOptions.of(arguments).json();
    boolean sql = arguments.matchedOptionValue("--sql", false);
    boolean stat = arguments.matchedOptionValue("--stat", false);
    Path database = arguments.matchedOptionValue("--db", (Path) null);
    if (sql && database == null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--sql needs the names of columns", "add --db DATABASE");
    }
    if (sql && stat) {
      throw new SqliteSafeException(ErrorKind.USAGE, "--sql does not go with --stat", "choose one");
    }
    Function<TableHeader, @Nullable List<String>> names =
        database == null
            ? table -> null
            : ColumnNames.of(
                database, LockOptions.settings(arguments, invocation, "changeset show"));
    Path file = arguments.matchedPositionalValue(0, Path.of(""));
    try (ChangesetReader reader = ChangesetFiles.open(file, invocation)) {
      if (stat) {
        ChangesetStatistics.print(reader, invocation, json);
        return 0;
      }
      ChangePrinter.Form form =
          sql && json
              ? ChangeForms::sqlJson
              : json ? ChangeForms::json : sql ? ChangeForms::sql : ChangeForms::text;
      ChangePrinter printer =
          new ChangePrinter(invocation.console().results(), form, sql ? required(names) : names);
      reader.transferTo(printer);
      printer.finish();
      return 0;
    }
  }

  private static Function<TableHeader, @Nullable List<String>> required(
      Function<TableHeader, @Nullable List<String>> names) {
    return table -> {
      List<String> known = names.apply(table);
      if (known == null) {
        throw new SqliteSafeException(
            ErrorKind.PRECONDITION,
            "the database has no table " + table.name() + " with that many columns",
            "name by --db a database that the changeset fits");
      }
      return known;
    };
  }
}
