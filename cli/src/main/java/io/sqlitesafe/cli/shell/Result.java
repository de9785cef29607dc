package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.cli.output.rows.RowPrinter;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.sql.RowSink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one statement on their way out: as they come, or once they are committed. For one
 * thread.
 */
final class Result implements SafeSession.Receiver, AutoCloseable {
  private final Output output;
  private final Function<OutputStream, RowPrinter> printers;
  private @Nullable SpooledOutput spool;
  private @Nullable OutputStream out;
  private @Nullable RowPrinter printer;

  Result(Output output, Function<OutputStream, RowPrinter> printers) {
    this.output = output;
    this.printers = printers;
  }

  @Override
  public RowSink rows(boolean uncommitted) {
    close(); // of a first attempt, which did not count
    spool = null;
    if (uncommitted) {
      spool = new SpooledOutput();
      out = spool;
    } else {
      out = output.result();
    }
    printer = printers.apply(out);
    return printer;
  }

  /** The statement has ended well. */
  void finish() {
    try {
      if (printer != null) {
        printer.finish();
      }
      if (spool != null) {
        try (OutputStream shown = output.result()) {
          spool.transferTo(shown);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      if (spool != null) {
        spool.close();
      } else if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
