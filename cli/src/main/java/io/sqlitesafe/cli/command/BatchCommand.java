package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.batch.Batch;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.notes.Notes;
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
            "Reads requests from standard input, one JSON object per line, and answers each with"
                + " one line on standard output, in order. Use it to run many commands in one"
                + " process. The first member of a request names the command and holds its"
                + " arguments (a string, or an array of strings). The other members are its options"
                + " by their long names: true for a switch, an array for an option that is"
                + " repeated, and an object of plain JSON values for \"param\". The member"
                + " \"stdin\" is the command's standard input.",
            "An answer is {\"type\":\"answer\",\"request\":N,\"exitCode\":N,\"output\":[...]}, with"
                + " the objects that the command prints with --json, and with \"error\" and"
                + " \"notes\" if there are any. Output that is not JSON is in \"text\" instead of"
                + " \"output\", and the bytes of a file are in \"base64\". An answer is held in"
                + " memory. A request that fails does not end the batch: the exit status is 0 when"
                + " all requests were answered, unless --fail is given. On SIGTERM, the current"
                + " request is rolled back and answered, and no other is begun. Every command can"
                + " be a request, except shell, with-lock and batch.",
            "Between two writes to one database the lock is kept while nobody else wants it, for up"
                + " to 0.05 s; if others wait, it is theirs after 0.02 s, or after the request"
                + " under way. On a network file system it is kept only for a request that is"
                + " already queued, and for at most one second. Simple writes that are already"
                + " queued also share one commit: those that have no options but --param, --when,"
                + " --expect and the lock's, and consist of INSERT, REPLACE, UPDATE, DELETE and"
                + " SELECT, where neither they nor the schema use last_insert_rowid(), changes(),"
                + " total_changes() or DEFERRABLE foreign keys. Each request still succeeds or"
                + " fails by itself, sees what it would see alone, and is on disk when it is"
                + " answered. If a shared commit fails, each request is run again alone.");
    spec.addOption(
        CommonOptions.flag(
            "Exit with the worst status of all answers: 0 is the best, then 3, then the others"
                + " by number.",
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
  public String exitStatuses() {
    return "3 10 11 12 13 14 15 16";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Notes notes = new Notes(invocation.console(), CommonOptions.of(arguments));
    int worst = new Batch(runner, invocation.console(), invocation.cancellation(), notes).run();
    return arguments.matchedOptionValue("--fail", false) ? worst : 0;
  }
}
