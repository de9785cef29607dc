package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The program that runs inside {@code with-lock}, on our own standard streams. */
final class ChildProcess {
  private static final int GRACE_SECONDS = 10;

  /** What the launcher replaced for the JVM's sake; the program gets its own back. */
  private static final String SAVED_LOCALE = "SQLITE_SAFE_SAVED_LC_ALL";

  private final Process process;
  private final @Nullable Gate gate;

  private ChildProcess(Process process, @Nullable Gate gate) {
    this.process = process;
    this.gate = gate;
  }

  /**
   * Starts a program. The thread that starts it must {@link #await} it: see {@link Gate}.
   *
   * @param started told of the process before the program does anything
   */
  static ChildProcess start(
      List<String> command, Consumer<Map<String, String>> environment, Consumer<Process> started) {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    restoreLocale(builder.environment());
    environment.accept(builder.environment());
    Gate gate = Gate.before(command, builder.environment());
    if (gate != null) {
      builder.command(gate.inFrontOf(command, builder.environment()));
    }
    Process process = start(builder, command.get(0), gate);
    try {
      started.accept(process);
      if (gate != null) {
        gate.let();
      }
      return new ChildProcess(process, gate);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      new ChildProcess(process, gate).await();
      throw e instanceof RuntimeException known ? known : new UncheckedIOException((IOException) e);
    }
  }

  private static Process start(ProcessBuilder builder, String program, @Nullable Gate gate) {
    try {
      return builder.start();
    } catch (IOException e) {
      if (gate != null) {
        gate.close();
      }
      throw notStarted(program, e);
    }
  }

  /** As env, timeout and the shells say it; only the errno in the text tells which it was. */
  private static SqliteSafeException notStarted(String program, IOException e) {
    // Lines of advice on the runtime may follow.
    String text = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    boolean missing = text.contains("error=2,") || text.contains("error: 2 ");
    return missing
        ? new SqliteSafeException(
            ErrorKind.COMMAND_NOT_FOUND,
            program + ": there is no such program",
            "the lock was released again; check the name, and PATH",
            e)
        : new SqliteSafeException(
            ErrorKind.COMMAND_NOT_EXECUTABLE,
            program + " cannot be executed: " + text.substring(text.lastIndexOf(": ") + 1).strip(),
            "the lock was released again; check its permissions, and that it is a program",
            e);
  }

  private static void restoreLocale(Map<String, String> environment) {
    String saved = environment.remove(SAVED_LOCALE);
    if (saved != null && saved.equals("unset")) {
      environment.remove("LC_ALL");
    } else if (saved != null) {
      environment.put("LC_ALL", saved);
    }
  }

  /** Waits for the end; 128 + N where signal N ended it. */
  int await() {
    while (true) {
      try {
        int status = process.waitFor();
        if (gate != null) {
          gate.close();
        }
        return status;
      } catch (InterruptedException notForUs) {
        // Nobody interrupts this thread; and the lock must not be released under a running program.
      }
    }
  }

  /**
   * Passes a signal on. A terminal sends SIGINT to its whole foreground group, this program
   * included, so only SIGTERM needs passing then.
   */
  void signal(@Nullable ErrorKind kind) {
    if (kind == ErrorKind.INTERRUPTED && !Console.isTerminal(0)) {
      kill("-INT");
    } else if (kind != ErrorKind.INTERRUPTED) {
      process.destroy();
    }
  }

  private void kill(String signal) {
    try {
      new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
    } catch (IOException noSuchProgram) {
      process.destroy();
    }
  }

  /**
   * Stops the program and what it started: SIGTERM, and SIGKILL for whoever is there after the
   * grace.
   */
  void stop() {
    List<ProcessHandle> family = process.descendants().toList();
    process.destroy();
    family.forEach(ProcessHandle::destroy);
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
    family.forEach(ProcessHandle::destroyForcibly);
  }
}
