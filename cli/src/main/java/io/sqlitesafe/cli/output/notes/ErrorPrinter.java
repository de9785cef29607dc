package io.sqlitesafe.cli.output.notes;

import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.kit.Descriptors;
import io.sqlitesafe.cli.kit.Nearest;
import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where an error becomes text or JSON on stderr, and an exit status. */
public final class ErrorPrinter {
  /** As of a program that SIGPIPE ended. */
  private static final int BROKEN_PIPE = 141;

  private final Console console;
  private final boolean json;
  private final boolean debug;
  private @Nullable String database;

  public ErrorPrinter(Console console, String[] args) {
    this.console = console;
    this.json = CommonOptions.asksForJson(args);
    this.debug = Arrays.asList(args).contains("--debug");
  }

  /** Notes which database the command is about, once that is known. */
  public void about(Path file) {
    database = file.toAbsolutePath().toString();
  }

  /**
   * Whatever ended a command before its result was out. The one rule about standard output: where
   * something was done that stays, a result that cannot be printed is a warning; else it is a
   * failure, and none at all where the reader of a pipe has seen enough.
   */
  public int failed(Throwable e, Cancellation cancellation) {
    Console.OutputLost lost = Console.OutputLost.among(e);
    String done = console.whatIsDone();
    if (done != null && (lost != null || e instanceof UncheckedIOException)) {
      return print(unprinted(done, e));
    }
    if (lost != null && lost.isBrokenPipe()) {
      return BROKEN_PIPE;
    }
    if (e instanceof SqliteSafeException known) {
      return print(Descriptors.explained(cancellation.instead(known)));
    }
    if (e instanceof UncheckedIOException) {
      String what = lost == null ? "cannot read or write: " : "cannot print the result: ";
      String hint = lost == null ? null : "standard output is full or closed";
      return print(new SqliteSafeException(ErrorKind.FAILED, what + reason(e), hint, e));
    }
    if (e instanceof InvalidPathException bad) {
      return print(
          new SqliteSafeException(
              ErrorKind.USAGE,
              "this cannot be the name of a file: " + DisplayText.of(bad.getInput(), 120),
              "check the name; nothing was touched",
              e));
    }
    if (e instanceof OutOfMemoryError) {
      return print(outOfMemory(done, e));
    }
    long files = e instanceof Error && !(e instanceof StackOverflowError) ? Descriptors.limit() : 0;
    if (files > 0 && files < Descriptors.ENOUGH) {
      return print(
          new SqliteSafeException(
              done == null ? ErrorKind.FAILED : ErrorKind.WARNINGS,
              (done == null ? "" : done + ", then ") + Descriptors.text(files) + " (" + e + ")",
              Descriptors.HINT,
              e));
    }
    return print(
        new SqliteSafeException(
            ErrorKind.INTERNAL,
            (done == null ? "" : done + ", then ") + "a bug: " + e,
            "please report it with the output of the same command and --debug",
            e));
  }

  private static SqliteSafeException unprinted(String done, Throwable e) {
    return new SqliteSafeException(
        ErrorKind.WARNINGS,
        done + ", but cannot print the result: " + reason(e),
        "do not run it again; standard output is full or closed",
        e);
  }

  private static SqliteSafeException outOfMemory(@Nullable String done, Throwable e) {
    long megabytes = Runtime.getRuntime().maxMemory() >> 20;
    return new SqliteSafeException(
        done == null ? ErrorKind.FAILED : ErrorKind.WARNINGS,
        (done == null ? "" : done + ", then ")
            + "out of memory: the program may use "
            + megabytes
            + " MB ("
            + e.getMessage()
            + ")",
        (done == null ? "" : "do not run it again; ")
            + "give it more by the environment variable SQLITE_SAFE_JAVA_OPTS, such as -Xmx512m",
        e);
  }

  private static String reason(Throwable e) {
    Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
    return String.valueOf(cause.getMessage());
  }

  /** Prints, and returns the exit status. */
  public int print(SqliteSafeException e) {
    if (json) {
      Map<String, @Nullable Object> error = new LinkedHashMap<>();
      error.put("type", "error");
      error.put("id", e.kind().id());
      error.put("exitCode", e.kind().exitCode());
      error.put("message", e.getMessage());
      error.put("hint", e.hint());
      error.put("database", database);
      error.put("details", e.details());
      console.note(JsonOutput.toJson(error));
    } else {
      console.note("sqlite-safe: " + e.getMessage());
      if (e.hint() != null) {
        console.note("  hint: " + e.hint());
      }
    }
    if (debug) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      console.note(trace.toString());
    }
    return e.kind().exitCode();
  }

  /** A command line that does not parse. */
  public int usage(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String hint = "see: " + command.qualifiedName() + " --help";
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return print(
          new SqliteSafeException(ErrorKind.USAGE, String.valueOf(e.getMessage()), hint, e));
    }
    List<String> words = unmatched.getUnmatched();
    String first = words.get(0);
    if (first.startsWith("-") && first.length() > 1) {
      String name = first.contains("=") ? first.substring(0, first.indexOf('=')) : first;
      List<String> near = Nearest.to(name, command.optionsMap().keySet());
      return print(
          new SqliteSafeException(
              ErrorKind.USAGE,
              command.name() + " has no option " + name,
              (near.isEmpty() ? "" : "did you mean " + String.join(" or ", near) + "? ")
                  + hint
                  + "; an argument that begins with - goes behind --",
              e));
    }
    return print(
        new SqliteSafeException(
            ErrorKind.USAGE, tooMany(command, words), tooManyHint(command, hint), e));
  }

  /** Without the arguments themselves: a pattern of the shell may have become thousands. */
  private static String tooMany(CommandSpec command, List<String> words) {
    StringBuilder takes = new StringBuilder();
    for (PositionalParamSpec each : command.positionalParameters()) {
      takes.append(takes.isEmpty() ? "" : " and ").append("one ").append(each.paramLabel());
    }
    String more = words.size() == 1 ? "" : " and " + (words.size() - 1) + " more";
    return command.name()
        + (takes.isEmpty() ? " takes no arguments" : " takes " + takes)
        + "; left over: "
        + DisplayText.of(words.get(0), 60)
        + more;
  }

  private static String tooManyHint(CommandSpec command, String see) {
    boolean ofDatabase =
        command.positionalParameters().stream()
            .anyMatch(each -> each.paramLabel().equals(CommonOptions.DATABASE));
    return ofDatabase ? "for many databases: sqlite-safe batch; " + see : see;
  }
}
