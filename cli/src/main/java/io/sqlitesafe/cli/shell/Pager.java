package io.sqlitesafe.cli.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Shows a result as it is where it fits on the screen, and else by a pager.
 *
 * <p>What is read is never kept from being read: rows go into a temporary file as fast as they
 * come, and from there to the pager as fast as that takes them. Directly, a person who thinks about
 * the first screenful would keep the statement from ending, and with it every writer from its
 * commit.
 */
public final class Pager extends OutputStream {
  /** The terminal, as far as a pager needs it. */
  public interface Screen {
    /** Lines that fit on it. */
    int rows();
  }

  private static final int LONGEST_HELD = 1 << 20;

  private final OutputStream screen;
  private final Screen terminal;
  private final String command;
  private ByteArrayOutputStream held = new ByteArrayOutputStream();
  private int lines;
  private @Nullable Spool spool;

  /**
   * Shows on {@code screen} what fits there.
   *
   * @param command the pager, for the shell
   */
  Pager(OutputStream screen, Screen terminal, String command) {
    this.screen = screen;
    this.terminal = terminal;
    this.command = command;
  }

  /** A stream into the standard input of a shell's command, closed when that has ended. */
  static OutputStream into(String command, @Nullable Path directory) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command);
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putIfAbsent("LESS", "FRX");
    Process process = builder.start();
    return new Spool(process);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (spool != null) {
      spool.write(bytes, offset, length);
      return;
    }
    held.write(bytes, offset, length);
    for (int i = offset; i < offset + length; i++) {
      lines += bytes[i] == '\n' ? 1 : 0;
    }
    if (lines >= terminal.rows() - 1 || held.size() > LONGEST_HELD) {
      spool = (Spool) into(command, null);
      held.writeTo(spool);
      held = new ByteArrayOutputStream();
    }
  }

  @Override
  public void close() throws IOException {
    if (spool != null) {
      Spool open = spool;
      spool = null;
      open.close();
    } else {
      held.writeTo(screen);
      screen.flush();
    }
  }

  /** The temporary file between a result and the program that takes it. */
  private static final class Spool extends OutputStream {
    private final Process process;
    private final Path file;
    private final OutputStream in;
    private final Thread pump;
    private long written;
    private boolean ended;
    private volatile boolean unwanted;

    Spool(Process process) throws IOException {
      this.process = process;
      this.file = Files.createTempFile("sqlite-safe-", ".page");
      this.in = Files.newOutputStream(file);
      InputStream out = Files.newInputStream(file);
      Files.delete(file); // both ends stay open, and nothing is left behind by a kill
      this.pump = new Thread(() -> pump(out), "sqlite-safe-pager");
      pump.setDaemon(true);
      pump.start();
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (unwanted) {
        throw new PagerLeft();
      }
      in.write(bytes, offset, length);
      synchronized (this) {
        written += length;
        notifyAll();
      }
    }

    private void pump(InputStream out) {
      byte[] buffer = new byte[1 << 16];
      long passed = 0;
      try (out;
          OutputStream to = process.getOutputStream()) {
        while (true) {
          long ready = awaitMore(passed);
          if (ready == 0) {
            return;
          }
          int count = out.read(buffer, 0, (int) Math.min(buffer.length, ready));
          to.write(buffer, 0, count);
          to.flush();
          passed += count;
        }
      } catch (IOException | InterruptedException leftEarly) {
        unwanted = true;
      }
    }

    private synchronized long awaitMore(long passed) throws InterruptedException {
      while (written == passed && !ended) {
        wait();
      }
      return written - passed;
    }

    @Override
    public void close() throws IOException {
      in.close();
      synchronized (this) {
        ended = true;
        notifyAll();
      }
      boolean interrupted = false;
      while (true) {
        try {
          pump.join();
          process.waitFor();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          process.destroy();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The person has seen enough. */
  static final class PagerLeft extends IOException {
    private static final long serialVersionUID = 1;

    PagerLeft() {
      super("the pager was left");
    }
  }
}
