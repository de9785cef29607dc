package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.ChangesetFiles;
import io.sqlitesafe.cli.output.rows.SpooledOutput;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.AtomicFile;
import io.sqlitesafe.internal.fs.IoErrors;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where an export goes to: a file that appears when it is complete, or a stream (standard output, a
 * pipe), from which nothing can be taken back. An attempt to read may turn out not to count, and
 * then be made again. For one thread.
 */
final class ExportTarget implements AutoCloseable {
  private final Path name;
  private final @Nullable AtomicFile file;
  private final OutputStream console;
  private final SpooledOutput spool = new SpooledOutput();
  private boolean written;

  private ExportTarget(Path name, @Nullable AtomicFile file, OutputStream console) {
    this.name = name;
    this.file = file;
    this.console = console;
  }

  static ExportTarget of(ChangesetFiles.Target to, boolean standardOutput, Invocation invocation) {
    if (standardOutput) {
      return new ExportTarget(Path.of("-"), null, invocation.console().product());
    }
    OutputStream console = invocation.console().out();
    try {
      return new ExportTarget(to.file(), to.open(invocation), console);
    } catch (IOException e) {
      throw failed(to.file(), e);
    }
  }

  /**
   * For one attempt, which begins with nothing.
   *
   * @param provisional what is written counts only when the attempt has ended: nothing of it may
   *     get out before
   */
  OutputStream begin(boolean provisional) {
    try {
      spool.reset();
      if (file != null && !file.isThrough()) {
        file.restart();
        return file.stream();
      }
    } catch (IOException e) {
      throw failed(name, e);
    }
    if (written) {
      throw new SqliteSafeException(
          ErrorKind.LOCK_BUSY,
          "the database was changed after a part of the export had been written",
          "throw that part away and run it again");
    }
    return provisional ? spool : new Direct(stream());
  }

  private OutputStream stream() {
    return file == null ? console : file.stream();
  }

  /** Notes the first byte. */
  private final class Direct extends FilterOutputStream {
    Direct(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      written = true;
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written |= length > 0;
      out.write(bytes, offset, length);
    }

    @Override
    public void close() {}
  }

  /** The last attempt counts. */
  void publish() {
    try {
      spool.transferTo(stream());
      if (file != null) {
        file.replaceTarget();
      }
    } catch (IOException e) {
      throw failed(name, e);
    }
  }

  private static SqliteSafeException failed(Path name, IOException e) {
    return new SqliteSafeException(
        ErrorKind.FAILED,
        "cannot write " + name + ": " + IoErrors.reason(e),
        "check the permissions and the free space",
        e);
  }

  @Override
  public void close() {
    try (spool) {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
