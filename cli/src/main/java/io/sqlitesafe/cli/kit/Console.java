package io.sqlitesafe.cli.kit;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The three streams of a command. Text is UTF-8 whatever the locale says, so that the output of a
 * cron job does not depend on its environment. Thread-safe.
 */
public final class Console {
  private static final String REDRAW = "\r\033[K";

  private final InputStream in;
  private final OutputStream out;
  private Writer err;
  private final boolean terminal;
  private boolean progressShown;
  private volatile @Nullable String done;

  /**
   * @param in standard input
   * @param out standard output: results, and nothing else
   * @param err standard error: notes, progress, warnings, errors
   * @param terminal a person is looking at standard error
   */
  public Console(InputStream in, OutputStream out, Writer err, boolean terminal) {
    this.in = in;
    this.out = new Results(out);
    this.err = err;
    this.terminal = terminal;
  }

  public InputStream in() {
    return in;
  }

  public OutputStream out() {
    return out;
  }

  public boolean terminal() {
    return terminal;
  }

  /**
   * To be called by every command once it has done something that stays: from here on a result that
   * cannot be printed is a warning, and a retry would be wrong.
   *
   * @param what was done and to which file, in a clause: "restored app.db"
   */
  public void done(String what) {
    done = what;
  }

  /**
   * What {@link #done} was told last; null while a failure still means that nothing has happened.
   */
  public @Nullable String whatIsDone() {
    return done;
  }

  /**
   * Standard output took no more: it is full, or closed. Told apart from every other failed write,
   * because it says nothing about what the command was to do.
   */
  public static final class OutputLost extends IOException {
    OutputLost(IOException cause) {
      super(cause.getMessage(), cause);
    }

    /** Whether the reader of a pipe has gone, as {@code head} does when it has seen enough. */
    public boolean isBrokenPipe() {
      return "Broken pipe".equals(getMessage());
    }

    /** The one among the causes of {@code e}, or null. */
    public static @Nullable OutputLost among(@Nullable Throwable e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof OutputLost lost) {
          return lost;
        }
      }
      return null;
    }
  }

  /** Standard output; see {@link OutputLost}. */
  private static final class Results extends FilterOutputStream {
    Results(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      try {
        out.write(b);
      } catch (IOException e) {
        throw new OutputLost(e);
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new OutputLost(e);
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        throw new OutputLost(e);
      }
    }

    @Override
    public void close() throws IOException {
      flush();
      out.close();
    }
  }

  /** Those of the process. */
  public static Console ofProcess() {
    return new Console(
        // Buffered: on Java 17 readNBytes of a FileInputStream asks a pipe for its position, and
        // fails.
        new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
        new FileOutputStream(FileDescriptor.out),
        new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8),
        isTerminal(2));
  }

  /**
   * Whether file descriptor 0, 1 or 2 of the process is a terminal, as the launcher says. Java 17
   * cannot tell, and System.console() of Java 22 to 24 is never null.
   */
  public static boolean isTerminal(int descriptor) {
    return System.getProperty("sqlitesafe.terminals", "").indexOf('0' + descriptor) >= 0;
  }

  /**
   * Standard output, for what is made to be kept: a backup, a changeset, a script.
   *
   * @throws SqliteSafeException where standard output was not open when the program was started:
   *     the launcher has led it to /dev/null, where reports may go, but no backup
   */
  public OutputStream product() {
    if (System.getenv("SQLITE_SAFE_NO_STDOUT") != null) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "standard output is not open: there is nowhere for it to go",
          "name a file, or lead standard output somewhere; nothing was done");
    }
    return out();
  }

  /** Standard output, for those who buffer by themselves. */
  public OutputStream results() {
    endProgress();
    return out;
  }

  /** A buffered writer to standard output; the caller flushes. */
  public Writer writer() {
    endProgress();
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 14);
  }

  /**
   * Standard error is a file that nothing must be written to: notes go to standard output, or
   * nowhere.
   */
  public synchronized void leaveStandardError(boolean outputIsFree) {
    err = outputIsFree ? new OutputStreamWriter(out, StandardCharsets.UTF_8) : Writer.nullWriter();
  }

  /** Writes one line to standard error at once; that it cannot be written is nobody's concern. */
  public synchronized void note(String line) {
    write((progressShown ? REDRAW : "") + line + "\n");
    progressShown = false;
  }

  /**
   * Shows how far something has come: one line that is drawn anew on a terminal, else a line each
   * time.
   */
  public synchronized void progress(String line) {
    if (!terminal) {
      note(line);
      return;
    }
    write(REDRAW + line);
    progressShown = true;
  }

  /** Takes the line of {@link #progress} away. */
  public synchronized void endProgress() {
    if (progressShown) {
      write(REDRAW);
      progressShown = false;
    }
  }

  private void write(String text) {
    try {
      err.write(text);
      err.flush();
    } catch (IOException nobodyListens) {
      // nothing to tell it to
    }
  }

  /** Writes {@code text} to standard output and flushes. */
  public synchronized void print(String text) {
    endProgress();
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
