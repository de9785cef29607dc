package io.sqlitesafe.cli.output;

import io.sqlitesafe.cli.Cli;
import io.sqlitesafe.cli.Console;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where an error becomes text or JSON on stderr, and an exit status. */
public final class ErrorPrinter {
  private final Console console;
  private final boolean json;
  private final boolean debug;
  private @Nullable String database;

  public ErrorPrinter(Console console, String[] args) {
    this.console = console;
    this.json = Cli.asksForJson(args);
    this.debug = Arrays.asList(args).contains("--debug");
  }

  /** Notes which database the command is about, once that is known. */
  public void about(Path file) {
    database = file.toAbsolutePath().toString();
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
    String hint = "see: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help";
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> similar = unmatched.getSuggestions();
      if (!similar.isEmpty()) {
        hint = "did you mean " + String.join(" or ", similar) + "? " + hint;
      }
    }
    return print(new SqliteSafeException(ErrorKind.USAGE, String.valueOf(e.getMessage()), hint, e));
  }
}
