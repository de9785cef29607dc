package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.text.Bytes;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.FileKind;
import io.sqlitesafe.internal.fs.FileLikeness;
import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.internal.fs.OutputRule;
import io.sqlitesafe.internal.fs.PendingFile;
import io.sqlitesafe.internal.fs.PipeOpening;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where results go: standard output, or a file or program named by {@code .output} or, for one
 * result, {@code .once}; long results for a person go through a pager. For one thread.
 */
final class Output implements AutoCloseable {
  /** A place that results are written to until it is closed. */
  private record Target(String name, OutputStream stream, boolean once) {}

  private final OutputStream standard;
  private final Pager.@Nullable Screen screen;
  private @Nullable Target target;
  private String pager = "";

  /**
   * Writes to standard output.
   *
   * @param screen where long results are paged; null where nobody looks on
   */
  Output(OutputStream standard, Pager.@Nullable Screen screen) {
    this.standard = standard;
    this.screen = screen;
  }

  /** The command that long results go through; empty for none. */
  void setPager(String command) {
    pager = command;
  }

  /** See {@link #setPager}. */
  String pager() {
    return pager;
  }

  /** What {@code .show} says. */
  String name() {
    return target == null ? "stdout" : target.name();
  }

  /**
   * Results go to a file from now on, or into a program where the name begins with a bar.
   *
   * @param rule which files they must not go to
   * @param models the files that results are of: a new file is opened to nobody else than they are
   * @param cancellation ends the wait for the reader of a pipe
   */
  void redirect(
      String name,
      Path file,
      boolean once,
      OutputRule rule,
      List<Path> models,
      Cancellation cancellation) {
    restore();
    try {
      OutputStream stream =
          name.startsWith("|")
              ? Pager.into(name.substring(1), file.toAbsolutePath().getParent())
              : open(rule.writable(file, once ? ".once" : ".output"), models, cancellation);
      target = new Target(name, stream, once);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "cannot write to " + name + ": " + IoErrors.reason(e), null, e);
    }
  }

  private static OutputStream open(Path file, List<Path> models, Cancellation cancellation)
      throws IOException {
    FileKind kind = FileKind.of(file);
    return new BufferedOutputStream(
        switch (kind) {
          case PIPE -> Channels.newOutputStream(PipeOpening.open(file, cancellation));
          case ABSENT -> Channels.newOutputStream(make(file, models));
          default -> Files.newOutputStream(file); // what is there stays as wide as it is
        });
  }

  private static FileChannel make(Path file, List<Path> models) throws IOException {
    FileLikeness likeness = FileLikeness.ofOutput(file, models);
    FileChannel made = PendingFile.openNew(file);
    try {
      likeness.applyOrNarrower(made, file);
      return made;
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  /** Results go to standard output again. */
  void restore() {
    Target old = target;
    target = null;
    if (old != null) {
      try {
        old.stream().close();
      } catch (IOException e) {
        throw new SqliteSafeException(
            ErrorKind.FAILED, "cannot write to " + old.name() + ": " + IoErrors.reason(e), null, e);
      }
    }
  }

  /** The end of a result. */
  void endResult() {
    if (target != null && target.once()) {
      restore();
    }
  }

  /** A stream for one result; closing it shows all of it, and leaves the place open. */
  OutputStream result() {
    OutputStream stream;
    if (target != null) {
      stream = new Unclosed(target.stream());
    } else {
      Pager.Screen onto = screen;
      stream =
          onto == null || pager.isEmpty()
              ? new Unclosed(standard)
              : new Pager(standard, onto, pager);
    }
    return new BufferedOutputStream(stream, 1 << 14);
  }

  /** Writes a short text, which may stand for bytes (see {@link Bytes}). */
  void print(String text) {
    OutputStream stream = target == null ? standard : target.stream();
    try {
      stream.write(Bytes.of(text));
      stream.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    restore();
  }

  /** Keeps the stream below open. */
  private static final class Unclosed extends java.io.FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
