package io.sqlitesafe.cli.shell;

import io.sqlitesafe.SafeSession;
import io.sqlitesafe.cli.output.RowPrinter;
import io.sqlitesafe.cli.output.SpooledOutput;
import io.sqlitesafe.db.RowSink;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one statement on their way out: as they come, or once they are committed. For one
 * thread.
 */
final class Result implements SafeSession.Receiver, AutoCloseable {
  private final Output output;
  private final Function<Writer, RowPrinter> printers;
  private @Nullable SpooledOutput spool;
  private @Nullable Writer out;
  private @Nullable RowPrinter printer;

  Result(Output output, Function<Writer, RowPrinter> printers) {
    this.output = output;
    this.printers = printers;
  }

  @Override
  public RowSink rows(boolean uncommitted) {
    close(); // of a first attempt, which did not count
    spool = null;
    if (uncommitted) {
      spool = new SpooledOutput();
      out = new OutputStreamWriter(spool, StandardCharsets.UTF_8);
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
      if (out != null && spool != null) {
        out.flush();
        try (Writer shown = output.result()) {
          spool.transferTo(bytesTo(shown));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A spool holds UTF-8 and the writer takes characters; both ends are ours and agree. */
  private static OutputStream bytesTo(Writer writer) {
    return new OutputStream() {
      private final java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();

      @Override
      public void write(int b) throws IOException {
        line.write(b);
        if (b == '\n') { // never a part of a longer character
          flush();
        }
      }

      @Override
      public void flush() throws IOException {
        writer.write(line.toString(StandardCharsets.UTF_8));
        line.reset();
      }
    };
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
