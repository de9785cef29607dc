package io.sqlitesafe.cli.option;

import io.sqlitesafe.cli.input.Params;
import io.sqlitesafe.cli.input.SqlSource;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.rows.RowFormat;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Where SQL, its parameters and the form of its rows come from. */
public final class SqlOptions {
  private static final List<String> FORMATS = formats();

  private SqlOptions() {}

  private static List<String> formats() {
    List<String> names = new ArrayList<>();
    for (RowFormat format : RowFormat.values()) {
      names.add(format.toString());
    }
    return names;
  }

  /** Adds them, and the positional SQL. */
  public static CommandSpec add(CommandSpec spec) {
    spec.addOption(
        CommonOptions.list(
            Path.class, "FILE", "Read SQL from FILE; may be repeated.", "-f", "--file"));
    spec.addOption(
        CommonOptions.list(
            String.class,
            "NAME=VALUE",
            "Bind the parameter :NAME, as text, or as the type in NAME:TYPE=VALUE: int, real,"
                + " text, blob (@FILE or x'00ff'), null, json. May be repeated.",
            "--param"));
    spec.addOption(
        CommonOptions.choice("FORMAT", "How to print rows.", FORMATS, "table", "--format"));
    spec.addOption(
        CommonOptions.value(
            "NAME", "Name of the table in --format insert; default table.", "--insert-table"));
    spec.addPositional(CommonOptions.database());
    return spec.addPositional(
        PositionalParamSpec.builder()
            .index("1..*")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel("SQL")
            .description("SQL statements; - or nothing means standard input.")
            .build());
  }

  /**
   * The SQL.
   *
   * @param stdinTaken standard input is read for something else
   */
  public static SqlSource source(ParseResult arguments, Invocation invocation, boolean stdinTaken) {
    List<Path> files = arguments.matchedOptionValue("--file", List.of());
    List<String> sql = arguments.matchedPositionalValue(1, List.of());
    boolean wantsStdin =
        sql.contains("-") || files.contains(Path.of("-")) || (sql.isEmpty() && files.isEmpty());
    if (wantsStdin && stdinTaken) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "standard input cannot be both SQL and --rows",
          "give the SQL as an argument or by --file");
    }
    return SqlSource.of(files, sql, invocation.console().in());
  }

  /** The files that SQL and its parameters are read from. */
  public static List<Path> files(ParseResult arguments) {
    List<Path> files = new ArrayList<>(arguments.matchedOptionValue("--file", List.<Path>of()));
    files.addAll(Params.files(arguments.matchedOptionValue("--param", List.of())));
    return files;
  }

  /** The values of {@code --param}. */
  public static Map<String, @Nullable Object> parameters(ParseResult arguments) {
    return Params.parse(arguments.matchedOptionValue("--param", List.of()));
  }

  /** The form of rows. */
  public static RowFormat format(ParseResult arguments) {
    String format = CommonOptions.chosen(arguments, "--format", FORMATS, "table");
    return RowFormat.valueOf(format.toUpperCase(Locale.ROOT));
  }

  /** The table that {@code --format insert} names. */
  public static String insertTable(ParseResult arguments) {
    return arguments.matchedOptionValue("--insert-table", RowFormat.DEFAULT_TABLE);
  }
}
