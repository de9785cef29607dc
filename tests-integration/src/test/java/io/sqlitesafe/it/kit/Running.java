package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running program. Closing kills it, so that no test leaves one behind. */
public final class Running implements AutoCloseable {
  private static final long HANG_MINUTES = 20;

  private final List<String> command;
  private final Process process;
  private final Captured out;
  private final Captured err;

  public Running(List<String> command, Process process) {
    this.command = command;
    this.process = process;
    this.out = new Captured(process.getInputStream());
    this.err = new Captured(process.getErrorStream());
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public void say(String line) {
    give((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Writes to its input; that it has ended before reading it all is no error here. */
  public void give(byte[] bytes) {
    try {
      process.getOutputStream().write(bytes);
      process.getOutputStream().flush();
    } catch (IOException ended) {
      // its exit status tells
    }
  }

  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException ended) {
      // its exit status tells
    }
  }

  /** Waits for a line on stdout that has {@code fragment}, and returns the first such line. */
  public String awaitOut(String fragment) {
    return awaitLine(out, fragment);
  }

  public String awaitErr(String fragment) {
    return awaitLine(err, fragment);
  }

  private String awaitLine(Captured text, String fragment) {
    Await.until(
        "\"" + fragment + "\" from " + String.join(" ", command),
        () -> text.completeLine(fragment) != null || !process.isAlive());
    text.finish(process.isAlive());
    String line = text.completeLine(fragment);
    return line != null ? line : fail("no \"" + fragment + "\" from " + await());
  }

  /** What stdout has so far. */
  public String outSoFar() {
    return out.text();
  }

  public void signal(String name) {
    Program.of("kill", "-" + name, pid()).run().exits(0);
    if (name.equals("STOP")) {
      // One thread takes the signal, when it next runs; until then the others go on.
      Await.until("each thread's standstill", this::isStopped);
    }
  }

  private boolean isStopped() {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid() + "/task"))) {
      return threads.allMatch(Running::isStopped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isStopped(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    } catch (IOException ended) {
      return true;
    }
  }

  /** kill -9, and waits for the end. */
  public Result kill() {
    process.destroyForcibly();
    return await();
  }

  public Result await() {
    try {
      if (!process.waitFor(HANG_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        fail("hangs: " + new Result(command, -1, out.text(), err.text()));
      }
      out.finish(false);
      err.finish(false);
      return ended(new Result(command, process.exitValue(), out.text(), err.text()));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Result ended(Result result) {
    Contract.check(result);
    return result;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    closeInput();
    await();
  }

  /** Output, read as it comes. */
  private static final class Captured {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread thread;

    Captured(InputStream stream) {
      thread = new Thread(() -> copy(stream));
      thread.setDaemon(true);
      thread.start();
    }

    private void copy(InputStream stream) {
      byte[] buffer = new byte[8192];
      try {
        for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
          bytes.write(buffer, 0, n); // synchronized
        }
      } catch (IOException closed) {
        // the end
      }
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    String completeLine(String fragment) {
      String text = text();
      String complete = text.substring(0, text.lastIndexOf('\n') + 1);
      return complete.lines().filter(line -> line.contains(fragment)).findFirst().orElse(null);
    }

    /** Waits for the rest; not for ever, for a child of the program may still hold the pipe. */
    void finish(boolean alive) {
      try {
        if (!alive) {
          thread.join(5000);
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
