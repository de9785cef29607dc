package io.sqlitesafe.cli.kit;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * The options that every command has.
 *
 * @param json results and errors as JSON
 * @param quiet no notes on standard error, and nothing on standard output that only confirms
 * @param progress {@code auto}, {@code always} or {@code never}
 */
public record CommonOptions(boolean json, boolean quiet, String progress) {
  /** What the database is called among the arguments of every command. */
  public static final String DATABASE = "DB";

  private static final List<String> WHEN = List.of("auto", "always", "never");
  private static final Set<String> EVERYWHERE = Set.of("0", "1", "2", "70", "130", "141", "143");

  /** A spec with name and help text, and these options. */
  public static CommandSpec spec(String name, String header, String... description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().header(header).description(description);
    spec.addOption(
        flag(
            "Print the result as one JSON object, and an error as one on standard error.",
            "--json"));
    spec.addOption(
        flag(
            "Print only requested output, warnings and errors: no notes, no report of success.",
            "-q",
            "--quiet"));
    spec.addOption(
        choice(
            "WHEN",
            "When to report waiting and progress: auto = on a terminal.",
            WHEN,
            "auto",
            "--progress"));
    spec.addOption(
        choice("WHEN", "When to use colour: auto = on a terminal.", WHEN, "auto", "--color"));
    spec.addOption(flag("Print the causes of an error with stack traces.", "--debug"));
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
    return spec;
  }

  /** The spec of a name that only has commands below it; {@code examples} are the footer. */
  public static CommandSpec group(
      String name, String header, String description, String... examples) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().header(header).description(description).footer(examples);
    return spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
  }

  /**
   * What a command may exit with.
   *
   * @param particular its own, such as "10 11", besides those that every command may exit with
   */
  public static Map<String, String> exitCodes(String particular) {
    List<String> some = List.of(particular.split(" "));
    Map<String, String> codes = allExitCodes();
    codes.keySet().removeIf(code -> !EVERYWHERE.contains(code) && !some.contains(code));
    return codes;
  }

  /** What any command may exit with: one table for all of them. */
  public static Map<String, String> allExitCodes() {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put("0", "Done.");
    codes.put("1", "Failed (SQL error, I/O error, disk full); nothing was changed.");
    codes.put("2", "Wrong arguments.");
    codes.put("3", "Done and on disk, but something needs attention.");
    codes.put("10", "The file is missing, unreadable or not a SQLite database.");
    codes.put("11", "The lock was not free within --wait.");
    codes.put("12", "The lock was broken meanwhile; everything was rolled back.");
    codes.put("13", "A precondition did not hold; nothing was changed.");
    codes.put("14", "The database is damaged.");
    codes.put("15", "Refused, because going on could lose data.");
    codes.put("16", "The outcome cannot be known; the message says how to find out.");
    codes.put("70", "A bug; please report it.");
    codes.put("126", "with-lock: the program cannot be executed.");
    codes.put("127", "with-lock: there is no such program.");
    codes.put("130", "Stopped by SIGINT; rolled back, lock released.");
    codes.put("141", "Nobody reads standard output any more; nothing was changed.");
    codes.put("143", "Stopped by SIGTERM; rolled back, lock released.");
    return codes;
  }

  /** {@code auto}, {@code always} or {@code never}. */
  public static String colour(ParseResult arguments) {
    return chosen(arguments, "--color", WHEN, "auto");
  }

  public static CommonOptions of(ParseResult arguments) {
    colour(arguments);
    return new CommonOptions(
        arguments.matchedOptionValue("--json", false),
        arguments.matchedOptionValue("--quiet", false),
        chosen(arguments, "--progress", WHEN, "auto"));
  }

  /** Prints what says no more than that it went well: not where quiet was asked for. */
  public void confirm(Console console, String text) {
    if (!quiet) {
      console.print(text);
    }
  }

  /** A switch. */
  public static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names)
        .type(boolean.class)
        .arity("0")
        .description(description)
        .build();
  }

  /** An option with one value. */
  public static OptionSpec value(String label, String description, String... names) {
    return OptionSpec.builder(names)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** A word that may follow the database, out of a few. */
  public static PositionalParamSpec word(String label, String description, List<String> values) {
    return PositionalParamSpec.builder()
        .index("1")
        .arity("0..1")
        .type(String.class)
        .paramLabel(label)
        .completionCandidates(values)
        .description(description)
        .build();
  }

  /** An option that names a file. */
  public static OptionSpec file(String description, String... names) {
    return OptionSpec.builder(names)
        .type(Path.class)
        .converters(CommonOptions::file)
        .paramLabel("FILE")
        .description(description)
        .build();
  }

  /** An option that may be given several times. */
  public static OptionSpec list(Class<?> type, String label, String description, String... names) {
    OptionSpec.Builder option =
        OptionSpec.builder(names)
            .type(List.class)
            .auxiliaryTypes(type)
            .arity("1")
            .paramLabel(label)
            .description(description);
    return (type == Path.class ? option.converters(CommonOptions::file) : option).build();
  }

  /** An option with a value out of a few. */
  public static OptionSpec choice(
      String label, String description, List<String> values, String otherwise, String... names) {
    return OptionSpec.builder(names)
        .type(String.class)
        .paramLabel(label)
        .completionCandidates(values)
        .description(
            description + " One of " + String.join(", ", values) + "; default " + otherwise + ".")
        .build();
  }

  /** The value of a {@link #choice}, which picocli completes but does not check. */
  public static String chosen(
      ParseResult arguments, String option, List<String> values, String otherwise) {
    String value = arguments.matchedOptionValue(option, otherwise);
    if (!values.contains(value)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          option + " takes one of " + String.join(", ", values) + ", not '" + value + "'",
          null);
    }
    return value;
  }

  /** What Java puts in place of bytes that are no UTF-8. */
  public static final char REPLACEMENT = '\uFFFD';

  /** What is said of a name without a letter, which Java takes for the current directory. */
  public static final String EMPTY = "the name is empty: a variable that is not set?";

  /**
   * A file's name, as it was typed: picocli's own conversion finds {@code Path.of} by reflection,
   * which is slow in a short process.
   */
  public static Path path(String text) {
    return Path.of(text);
  }

  /** As above, of a file. */
  public static Path file(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException(EMPTY);
    }
    Path file = path(text);
    if (isDirectoryOnly(text, file)) {
      throw new TypeConversionException(noFile(text));
    }
    return file;
  }

  /**
   * Whether only a directory can be meant by a slash at the end, and there is none: a disk that is
   * not mounted. Java forgets that slash, and would make a file.
   */
  public static boolean isDirectoryOnly(String text, Path path) {
    return (text.endsWith("/") || text.endsWith("/.")) && !Files.isDirectory(path);
  }

  /** What is said then. */
  public static String noFile(String text) {
    return text + " ends as the name of a directory, and there is none; a file is named without /";
  }

  /** The database, first positional argument. */
  public static PositionalParamSpec database() {
    return PositionalParamSpec.builder()
        .index("0")
        .arity("1")
        .required(true)
        .type(Path.class)
        .converters(CommonOptions::file)
        .paramLabel(DATABASE)
        .description("The database file.")
        .build();
  }

  /** True where {@code args} ask for JSON; known before (and although) they may not parse. */
  public static boolean asksForJson(String[] args) {
    return Arrays.asList(args).contains("--json");
  }
}
