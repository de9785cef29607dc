package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.Command;
import io.sqlitesafe.cli.Invocation;
import io.sqlitesafe.cli.batch.Batch;
import io.sqlitesafe.cli.option.CommonOptions;
import io.sqlitesafe.cli.output.Notes;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code batch}. */
public final class BatchCommand implements Command {
  private final Batch.Runner runner;

  /** Each request is run by {@code runner}. */
  public BatchCommand(Batch.Runner runner) {
    this.runner = runner;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "batch",
            "Answer requests from standard input",
            "Reads one JSON object a line from standard input, runs it as a command, and answers it"
                + " by one line on standard output before it reads the next: many commands in one"
                + " process, for programs that would start one for each. The first member names the"
                + " command and has its arguments (text, or an array of them); the others are its"
                + " options by their long names: true for a switch, an array for one that is"
                + " repeated, an object of plain JSON values for \"param\". The member \"stdin\" is"
                + " the command's standard input.",
            "An answer is {\"type\":\"answer\",\"request\":N,\"exitCode\":N,\"output\":[...]}, with"
                + " the objects that the command prints with --json, and \"error\" and \"notes\""
                + " where there are any; in place of \"output\", what is no JSON is \"text\", and the"
                + " bytes of a file \"base64\". It is held in memory. A request that fails does not end"
                + " the batch: the exit status is 0 when all were answered, whatever the answers"
                + " are, unless --fail is given. SIGTERM rolls back the request under way, which is still answered, and"
                + " begins no other. Every command can be a request but shell, with-lock and batch.",
            "Where the next request is there already and writes to the same database, it is done"
                + " under the lock that the last one has: others wait for a tenth of a second more,"
                + " or on a slow disk for ten requests and at most a second, and come first then."
                + " Such writes are committed together, and answered after that, if they have no"
                + " options but --param, --when, --expect and the lock's, consist of INSERT,"
                + " REPLACE, UPDATE, DELETE and SELECT, and neither they nor the schema use"
                + " last_insert_rowid(), changes(), total_changes() or foreign keys that are"
                + " DEFERRABLE: each is all or nothing for itself, sees what it would see alone,"
                + " and is durable when it is answered. If a common commit fails, each is done"
                + " again alone.");
    spec.addOption(
        CommonOptions.flag(
            "Exit with the worst status of all answers: 0 is best, then 3, then the others by number.",
            "--fail"));
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ echo '{\"write\":[\"app.db\",\"INSERT INTO log"
                + " VALUES(:line)\"],\"param\":{\"line\":\"hello\"}}' | sqlite-safe batch",
            "  $ echo '{\"changeset apply\":[\"app.db\",\"a.changeset\"],\"dry-run\":true}' |"
                + " sqlite-safe batch");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Notes notes = new Notes(invocation.console(), CommonOptions.of(arguments));
    int worst = new Batch(runner, invocation.console(), invocation.cancellation(), notes).run();
    return arguments.matchedOptionValue("--fail", false) ? worst : 0;
  }
}
