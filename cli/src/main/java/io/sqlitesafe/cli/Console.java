package io.sqlitesafe.cli;

import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * The three streams of a command. Text is UTF-8 whatever the locale says, so that the output of a
 * cron job does not depend on its environment. Thread-safe.
 */
public final class Console {
  private static final String REDRAW = "\r\033[K";

  private final InputStream in;
  private final OutputStream out;
  private final Writer err;
  private final boolean terminal;
  private boolean progressShown;

  /**
   * @param in standard input
   * @param out standard output: results, and nothing else
   * @param err standard error: notes, progress, warnings, errors
   * @param terminal a person is looking at standard error
   */
  public Console(InputStream in, OutputStream out, Writer err, boolean terminal) {
    this.in = in;
    this.out = out;
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

  /** Those of the process. */
  static Console ofProcess() {
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
  public void print(String text) {
    endProgress();
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
