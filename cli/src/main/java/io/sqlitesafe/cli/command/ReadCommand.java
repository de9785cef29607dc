package io.sqlitesafe.cli.command;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.input.SqlSource;
import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SqlOptions;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.cli.output.rows.RowEvents;
import io.sqlitesafe.cli.output.rows.RowFormat;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.SqlStatement;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code read DB SQL...}. */
public final class ReadCommand implements Command {
  private static final int ROOM = 1 << 14;
  private static final Set<String> WRITES =
      Set.of(
          "INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "REINDEX", "ANALYZE");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "read",
            "Run queries without changing anything",
            "Runs SQL read-only on one consistent snapshot, without the exclusive lock. Rows are"
                + " printed as they come; in network-exclusive access, where a shared lock keeps"
                + " writers out, they are printed once it is known that the lock was held all the"
                + " time. With --json, each row is a line {\"type\":\"row\",\"row\":{...}}, and the"
                + " last line is the result; --format jsonl prints only the rows.");
    LockOptions.addTimes(LockOptions.addWaiting(spec, "30s"));
    LockOptions.addLoading(spec);
    SqlOptions.add(spec);
    spec.usageMessage()
        .footer(
            "Examples:",
            "  $ sqlite-safe read app.db 'SELECT * FROM log'",
            "  $ sqlite-safe read app.db 'SELECT * FROM log WHERE line = :x' --param x=hello"
                + " --format csv");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    boolean json = CommonOptions.of(arguments).json();
    SafeDatabase safe =
        SafeDatabase.of(database, LockOptions.settings(arguments, invocation, "read"));
    try (SqlSource source = SqlOptions.source(arguments, invocation, false);
        SpooledOutput spool = new SpooledOutput()) {
      Script script = new Script(source, SqlOptions.parameters(arguments));
      script.check(ReadCommand::requireReading);
      RowFormat format = SqlOptions.format(arguments); // checked even where --json replaces it
      OutputStream out =
          safe.readView(
              view -> {
                // Rows of a provisional view may be those of nothing; this may be a second attempt.
                OutputStream emptied = emptied(spool);
                OutputStream rows =
                    view.provisional()
                        ? emptied
                        : new BufferedOutputStream(invocation.console().results(), ROOM);
                RowPrinter printer =
                    json
                        ? new RowEvents(rows)
                        : format.printer(rows, SqlOptions.insertTable(arguments));
                script.run(view.handle(), printer);
                printer.finish();
                return rows;
              });
      if (json) {
        String result =
            new Results("read", database)
                .put("statements", script.statements())
                .put("rows", script.rows())
                .toJson(invocation);
        out.write((result + "\n").getBytes(StandardCharsets.UTF_8));
      }
      out.flush();
      spool.transferTo(invocation.console().out());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return 0;
  }

  private static OutputStream emptied(SpooledOutput spool) {
    try {
      spool.reset();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return spool;
  }

  private static void requireReading(SqlStatement statement) {
    if (WRITES.contains(statement.keyword())) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "statement "
              + statement.number()
              + " (line "
              + statement.line()
              + "): "
              + statement.keyword()
              + " would write",
          "use: sqlite-safe write");
    }
  }
}
