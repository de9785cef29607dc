package io.sqlitesafe.cli.kit;

import io.sqlitesafe.error.SqliteSafeException;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * One subcommand: its options, and what it does with them.
 *
 * <p>Options are declared by picocli's programmatic model and not by annotations, which cost a
 * short-lived process more time than its transaction (see packaging/README.md).
 */
public interface Command {
  /**
   * Name, options, parameters and help text; the source of the man page and the completions too.
   */
  CommandSpec spec();

  /**
   * What it may exit with besides what every command may, with blanks between: "10 11". Not part of
   * {@link #spec}, for only help and manual need it.
   */
  String exitStatuses();

  /** The commands below this one, by name; none for one that does something itself. */
  default Map<String, Command> subcommands() {
    return Map.of();
  }

  /**
   * Runs.
   *
   * @return the exit status; 0, or 3 for "done, with warnings"
   * @throws SqliteSafeException for every other way to end
   */
  int run(ParseResult arguments, Invocation invocation);

  /** What is left to do of a command line that has been read. */
  interface Step {
    /** As {@link Command#run}; once. */
    int run();
  }

  /**
   * Reads the arguments now, which lets a batch parse the next request before this one runs: the
   * arguments are gone when the same parser reads the next ones.
   */
  default Step prepare(ParseResult arguments, Invocation invocation) {
    return () -> run(arguments, invocation);
  }
}
