package io.sqlitesafe.cli.shell.terminal;

import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.shell.Shell;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.IOError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/** Reads entries from a terminal and has a {@link Shell} run them, until the end of input. */
public final class InteractiveShell implements AutoCloseable {
  private static final int USUAL_COLUMNS = 80;
  private static final int USUAL_ROWS = 24;

  private final Terminal terminal;
  private final Console console;
  private final Cancellation cancellation;
  private volatile @Nullable LineReader reader;

  /** On a given terminal, for tests. */
  InteractiveShell(Terminal terminal, Console console, Cancellation cancellation) {
    this.terminal = terminal;
    this.console = console;
    this.cancellation = cancellation;
  }

  /** On the terminal of this process. */
  public static InteractiveShell ofProcess(Console console, Cancellation cancellation) {
    try {
      Terminal terminal =
          TerminalBuilder.builder()
              .system(true)
              .dumb(true)
              .encoding(StandardCharsets.UTF_8)
              .graphemeCluster(false) // asks the terminal, and waits for an answer
              .nativeSignals(true)
              .build();
      if (terminal.getWidth() <= 0 || terminal.getHeight() <= 0) {
        // A serial console, expect, some "docker exec -t": jline would draw dots for a prompt.
        terminal.setSize(new Size(USUAL_COLUMNS, USUAL_ROWS));
      }
      return new InteractiveShell(terminal, console, cancellation);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where results go. */
  public java.io.OutputStream output() {
    return terminal.output();
  }

  /** Lines that fit on the screen; many where that is not known. */
  public int rows() {
    return terminal.getHeight() > 0 ? terminal.getHeight() : Integer.MAX_VALUE;
  }

  /** Shows a line, above the entry if one is being typed. From any thread. */
  public void say(String line) {
    console.endProgress();
    LineReader current = reader;
    if (current != null && current.isReading()) {
      current.printAbove(line);
    } else {
      terminal.writer().println(line);
      terminal.flush();
    }
  }

  /**
   * Runs to the end of input, or to {@code .quit}.
   *
   * @param colour whether to use it
   * @param idleRollback how long a transaction may be idle; null = for ever
   * @return the exit status
   */
  public int run(Shell shell, boolean colour, @Nullable Duration idleRollback) {
    LineReader lines = reader(shell, colour);
    reader = lines;
    shell.askWith(question -> agrees(question, lines));
    terminal.handle(Terminal.Signal.INT, signal -> shell.interrupt());
    Thread main = Thread.currentThread();
    try (Cancellation.Registration stop =
            cancellation.onRequest(
                () -> {
                  shell.interrupt();
                  LineReader current = reader;
                  if (current != null && current.isReading()) {
                    main.interrupt();
                  }
                });
        TransactionWatch watch =
            new TransactionWatch(shell, terminal, lines, idleRollback, this::say)) {
      while (shell.exitCode() == null) {
        String entry = read(lines, shell);
        if (entry == null) {
          break;
        }
        watch.hide();
        execute(shell, entry);
        cancellation.throwIfRequested();
      }
    } finally {
      save(lines);
    }
    Integer code = shell.exitCode();
    return code == null ? 0 : code;
  }

  private LineReader reader(Shell shell, boolean colour) {
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("sqlite-safe")
            .parser(new ShellParser())
            .highlighter(new SqlHighlighter(colour))
            .completer(new ShellCompleter(shell))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
            .option(LineReader.Option.HISTORY_REDUCE_BLANKS, false)
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .option(LineReader.Option.INSERT_TAB, false)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%P   ...> ");
    Path history = HistoryFile.find(System.getenv());
    if (history != null) {
      builder.variable(LineReader.HISTORY_FILE, history);
    }
    return builder.build();
  }

  /** The next entry; empty where it was given up, null at the end. */
  private @Nullable String read(LineReader lines, Shell shell) {
    try {
      return lines.readLine(shell.prompt());
    } catch (UserInterruptException e) {
      stopIfAsked();
      return "";
    } catch (EndOfFileException e) {
      return null;
    } catch (IOError e) {
      stopIfAsked();
      throw e;
    }
  }

  /** By a reader of its own: an answer is no statement and no history. */
  private boolean agrees(String question, LineReader lines) {
    LineReader answers = LineReaderBuilder.builder().terminal(terminal).build();
    reader = answers;
    try {
      String answer = answers.readLine(question + " [y/N] ").strip();
      return answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes");
    } catch (UserInterruptException | EndOfFileException | IOError givenUp) {
      stopIfAsked();
      return false;
    } finally {
      reader = lines;
    }
  }

  private void stopIfAsked() {
    if (Thread.interrupted() || cancellation.requested() != null) {
      cancellation.throwIfRequested();
    }
  }

  private void execute(Shell shell, String entry) {
    try {
      shell.execute(entry, 1);
    } catch (SqliteSafeException e) {
      say(shell.describe(e));
    } catch (UncheckedIOException e) {
      say("error: cannot read or write: " + e.getMessage());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      say("error: a bug: " + e + "\n  hint: please report it with what you typed");
    } finally {
      console.endProgress();
      terminal.flush();
    }
  }

  private static void save(LineReader lines) {
    try {
      lines.getHistory().save();
    } catch (IOException nobodyDiesOfIt) {
      // the next session lacks a few lines
    }
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
