package io.sqlitesafe.cli.command;

import io.sqlitesafe.Settings;
import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.Written;
import io.sqlitesafe.changeset.Captured;
import io.sqlitesafe.cli.input.RowReader;
import io.sqlitesafe.cli.input.SqlSource;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.CaptureOptions;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SqlOptions;
import io.sqlitesafe.cli.option.WriteCommandOptions;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.results.CapturePrinter;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.cli.output.rows.RowFormat;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.lock.Step;
import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.Precondition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code write DB [SQL...]}. */
public final class WriteCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "write",
            "Run SQL in one transaction while holding the write lock",
            "Runs SQL under the exclusive lock in one BEGIN IMMEDIATE transaction. Exit status 0"
                + " means that the change is on disk, 3 that it is but something needs attention;"
                + " with 16 the outcome is unknown; with any other failure nothing was changed."
                + " Rows of RETURNING and SELECT are printed once they are committed. BEGIN, COMMIT"
                + " and ROLLBACK belong to this command and are refused in the SQL; savepoints are"
                + " allowed.");
    LockOptions.addOwning(spec);
    LockOptions.addLoading(spec);
    LockOptions.addInPlace(spec);
    SqlOptions.add(spec);
    WriteCommandOptions.add(spec);
    CaptureOptions.add(spec);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe write --create app.db 'CREATE TABLE log(line TEXT)'",
            "  $ sqlite-safe write app.db 'INSERT INTO log VALUES(:line)' --param line=\"it's"
                + " fine\"",
            "  $ sqlite-safe write app.db 'INSERT INTO log VALUES(:line)' --rows lines.csv",
            "  $ sqlite-safe write app.db 'DELETE FROM log' --expect 'SELECT count(*) FROM log=3'",
            "  $ sqlite-safe write app.db 'UPDATE stock SET n = 0' --changeset today.changeset");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 13 14 15 16";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    return prepare(arguments, invocation).run();
  }

  @Override
  public Step prepare(ParseResult arguments, Invocation invocation) {
    boolean json = CommonOptions.of(arguments).json();
    Path rowsFile = arguments.matchedOptionValue("--rows", (Path) null);
    String rows = rowsFile == null ? null : rowsFile.toString();
    WriteOptions options = WriteCommandOptions.of(arguments);
    List<Precondition> preconditions = WriteCommandOptions.preconditions(arguments);
    boolean rowsFromStdin = "-".equals(rows);
    if (rowsFromStdin && options.retries() > 0) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--rows - can be read only once", "use a file, or no --retries");
    }
    SqlSource source = SqlOptions.source(arguments, invocation, rowsFromStdin);
    try {
      Script script = new Script(source, SqlOptions.parameters(arguments));
      script.check(statement -> {});
      RowFormat asked = SqlOptions.format(arguments); // checked even where --json replaces it
      Job job =
          new Job(
              script,
              preconditions,
              rows,
              WriteCommandOptions.rowsFormat(arguments),
              json ? RowFormat.JSONL : asked,
              SqlOptions.insertTable(arguments),
              invocation);
      Path database = LockOptions.database(arguments);
      Settings settings = LockOptions.settings(arguments, invocation, "write");
      CommonOptions common = CommonOptions.of(arguments);
      OutputRule outputs = options.capture() == null ? null : outputs(arguments, database);
      // A dump's own first statement says so; foreign keys cannot be put off within a transaction.
      WriteOptions how = script.isDump() ? options.withForeignKeys(false) : options;
      return () -> {
        if (outputs != null && options.capture() != null) {
          try {
            CaptureOptions.check(options.capture(), outputs);
          } catch (SqliteSafeException e) {
            source.close();
            throw e;
          }
        }
        return write(new Target(database, settings, common), how, source, job);
      };
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** What a changeset must not take the place of. */
  private static OutputRule outputs(ParseResult arguments, Path database) {
    OutputRule rule =
        new OutputRule()
            .database(database, "the database")
            .files(SqlOptions.files(arguments), "a file that is read");
    Path rows = arguments.matchedOptionValue("--rows", (Path) null);
    return rows == null ? rule : rule.file(rows, "the file of --rows");
  }

  private record Target(Path database, Settings settings, CommonOptions common) {}

  private static int write(Target target, WriteOptions options, SqlSource source, Job job) {
    try (source;
        SpooledOutput spool = new SpooledOutput()) {
      Written<Long> written =
          job.invocation
              .open(target.database, target.settings)
              .write(options, handle -> job.run(handle, spool));
      List<String> warnings = new ArrayList<>(written.warnings());
      job.script.orphans().ifPresent(warnings::add);
      report(target, job, written, warnings, spool);
      boolean warned = !warnings.isEmpty() || holdsNothing(written.changeset());
      return warned ? ErrorKind.WARNINGS.exitCode() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The transaction changed something, and nothing of it is in the changeset. */
  private static boolean holdsNothing(@Nullable Captured captured) {
    return captured != null
        && !captured.notCaptured().isEmpty()
        && captured.counts().inserts() + captured.counts().updates() + captured.counts().deletes()
            == 0;
  }

  /** What runs inside the transaction, and again if it is retried. */
  private record Job(
      Script script,
      List<Precondition> preconditions,
      @Nullable String rows,
      RowReader.@Nullable Format rowsFormat,
      RowFormat format,
      String insertTable,
      Invocation invocation) {
    Long run(Handle handle, SpooledOutput spool) {
      preconditions.forEach(precondition -> precondition.require(handle));
      try {
        spool.reset();
        RowPrinter printer = format.printer(spool, insertTable);
        if (rows == null) {
          script.run(handle, printer);
        } else {
          try (RowReader input = open()) {
            script.runForEachRow(handle, input, printer);
          }
        }
        printer.finish();
        script.countOrphans(handle);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return handle.integer("SELECT last_insert_rowid()");
    }

    private RowReader open() {
      String name = String.valueOf(rows);
      if (!name.equals("-")) {
        return RowReader.open(name, rowsFormat);
      }
      return RowReader.open(
          invocation.console().in(),
          "standard input",
          rowsFormat == null ? RowReader.Format.JSONL : rowsFormat);
    }
  }

  /** From here on the transaction is done: whatever goes wrong now is a warning, not a failure. */
  private static void report(
      Target target, Job job, Written<Long> written, List<String> warnings, SpooledOutput spool) {
    CommonOptions common = target.common;
    Path database = target.database;
    Script script = job.script;
    Invocation invocation = job.invocation;
    Notes notes = new Notes(invocation.console(), common);
    invocation
        .console()
        .done((written.committed() ? "committed to " : "rolled back on ") + database);
    if (!common.json() && written.recoveredJournal()) {
      notes.recovered(database);
    }
    if (!common.json() && !written.committed()) {
      notes.note("dry run: everything was rolled back");
    }
    if (!common.json()) {
      script.orphans().ifPresent(notes::warning);
    }
    if (!common.json() && written.changeset() != null) {
      CapturePrinter.note(written.changeset(), notes);
    }
    try {
      if (common.json()) {
        Results result =
            new Results("write", database)
                .put("changes", script.changes())
                .put("statements", script.statements())
                .put("lastInsertRowid", written.value())
                .put("dryRun", !written.committed())
                .put("recoveredJournal", written.recoveredJournal())
                .put("warnings", warnings)
                .lock(written.lock());
        CapturePrinter.add(result, written);
        result.printWithRows(invocation, spool);
      } else {
        spool.transferTo(invocation.console().out());
        tellChanges(script, written, common, invocation);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** To a person at a terminal, silence after a change leaves open whether there was one. */
  private static void tellChanges(
      Script script, Written<Long> written, CommonOptions common, Invocation invocation) {
    boolean asked = invocation.console().terminal() && !common.quiet() && written.committed();
    if (asked && (script.changes() > 0 || script.rows() == 0)) {
      long n = script.changes();
      invocation.console().note(n == 1 ? "1 row changed" : n + " rows changed");
    }
  }
}
