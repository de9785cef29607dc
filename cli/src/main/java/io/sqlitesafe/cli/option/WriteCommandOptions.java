package io.sqlitesafe.cli.option;

import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.cli.input.RowReader;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.Precondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The options that only {@code write} has. */
public final class WriteCommandOptions {
  private static final List<String> ROW_FORMATS = List.of("jsonl", "csv", "tsv");
  private static final int MAX_RETRIES = 1000;

  private WriteCommandOptions() {}

  public static CommandSpec add(CommandSpec spec) {
    spec.addOption(
        CommonOptions.file(
            "Run the statement, of which there must be one, for each row of FILE (.jsonl, .csv"
                + " or .tsv; - for standard input), with the row's columns as parameters.",
            "--rows"));
    spec.addOption(
        CommonOptions.choice(
            "FORMAT", "Format of --rows.", ROW_FORMATS, "by the file's name", "--rows-format"));
    spec.addOption(
        CommonOptions.list(
            String.class,
            "SQL",
            "Write only if this query returns a single true value in the transaction; otherwise"
                + " exit with 13. May be repeated.",
            "--when"));
    spec.addOption(
        CommonOptions.list(
            String.class,
            "SQL=VALUE",
            "Write only if the query returns this single value; otherwise exit with 13. May be"
                + " repeated.",
            "--expect"));
    spec.addOption(
        CommonOptions.value(
            "N",
            "Retry the transaction up to N times within --wait if SQLite's own locks are busy.",
            "--retries"));
    spec.addOption(CommonOptions.flag("Do everything, then roll back.", "--dry-run"));
    spec.addOption(CommonOptions.flag("Create the database if it does not exist.", "--create"));
    spec.addOption(
        CommonOptions.value(
            "BYTES",
            "Page size of a new database: a power of two from 512 to 65536.",
            "--page-size"));
    spec.addOption(
        CommonOptions.value("N", "Application id of a new database.", "--application-id"));
    return spec.addOption(
        CommonOptions.value("N", "User version of a new database.", "--user-version"));
  }

  public static WriteOptions of(ParseResult arguments) {
    Integer pageSize = integer(arguments, "--page-size", 512, 65536);
    if (pageSize != null && Integer.bitCount(pageSize) != 1) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--page-size " + pageSize + " is not a power of two", "use 4096");
    }
    Integer applicationId =
        integer(arguments, "--application-id", Integer.MIN_VALUE, Integer.MAX_VALUE);
    Integer userVersion =
        integer(arguments, "--user-version", Integer.MIN_VALUE, Integer.MAX_VALUE);
    boolean create = arguments.matchedOptionValue("--create", false);
    if (!create && (pageSize != null || applicationId != null || userVersion != null)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--page-size, --application-id and --user-version are for a new database",
          "add --create; for an existing one: PRAGMA user_version or application_id in the SQL");
    }
    CaptureRequest capture = CaptureOptions.of(arguments);
    if (capture == null && CaptureOptions.rowids(arguments)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "--rowid-tables is about a changeset",
          "add --changeset FILE or --patchset FILE");
    }
    Integer retries = integer(arguments, "--retries", 0, MAX_RETRIES);
    return new WriteOptions(
            arguments.matchedOptionValue("--dry-run", false),
            retries == null ? 0 : retries,
            create ? new WriteOptions.NewDatabase(pageSize, applicationId, userVersion) : null)
        .withCapture(capture);
  }

  private static @Nullable Integer integer(ParseResult arguments, String option, int min, int max) {
    String text = arguments.matchedOptionValue(option, (String) null);
    if (text == null) {
      return null;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // said below
    }
    throw new SqliteSafeException(
        ErrorKind.USAGE,
        option + " takes a whole number from " + min + " to " + max + ", not '" + text + "'",
        null);
  }

  /** {@code --when} and {@code --expect}. */
  public static List<Precondition> preconditions(ParseResult arguments) {
    List<Precondition> all = new ArrayList<>();
    List<String> conditions = arguments.matchedOptionValue("--when", List.of());
    for (String sql : conditions) {
      all.add(new Precondition.Holds(sql));
    }
    List<String> expectations = arguments.matchedOptionValue("--expect", List.of());
    for (String text : expectations) {
      // The last "=": SQL is likelier to hold one than the value is.
      int equals = text.lastIndexOf('=');
      if (equals < 1) {
        throw new SqliteSafeException(
            ErrorKind.USAGE,
            "--expect takes SQL=VALUE, not '" + text + "'",
            "for example: --expect 'PRAGMA user_version=3'");
      }
      all.add(new Precondition.Equals(text.substring(0, equals), text.substring(equals + 1)));
    }
    return all;
  }

  /** Null: by the name of the file. */
  public static RowReader.@Nullable Format rowsFormat(ParseResult arguments) {
    String format = CommonOptions.chosen(arguments, "--rows-format", ROW_FORMATS_OR_NONE, "");
    return format.isEmpty() ? null : RowReader.Format.valueOf(format.toUpperCase(Locale.ROOT));
  }

  private static final List<String> ROW_FORMATS_OR_NONE = List.of("", "jsonl", "csv", "tsv");
}
