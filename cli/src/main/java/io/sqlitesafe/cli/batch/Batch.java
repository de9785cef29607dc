package io.sqlitesafe.cli.batch;

import io.sqlitesafe.cli.Console;
import io.sqlitesafe.cli.output.ErrorPrinter;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers requests, one after the other, until they end. For one thread. */
public final class Batch {
  /** These talk over the process's own streams, which here carry requests and answers. */
  private static final Set<String> REFUSED = Set.of("batch", "shell", "with-lock");

  private static final String[] AS_JSON = {"--json"};

  /** Runs one command line to its end, as the program does, and returns its exit status. */
  public interface Runner {
    int run(Console console, Cancellation cancellation, String... words);
  }

  private final Runner runner;
  private final Console console;
  private final Cancellation cancellation;
  private long answered;

  /** Answers on {@code console}; {@code cancellation} ends the request under way, and the rest. */
  public Batch(Runner runner, Console console, Cancellation cancellation) {
    this.runner = runner;
    this.console = console;
    this.cancellation = cancellation;
  }

  /** Runs until standard input ends. */
  public void run() {
    RequestLines lines = new RequestLines(console.in());
    for (RequestLines.Line line = lines.next(cancellation);
        line != null;
        line = lines.next(cancellation)) {
      if (line.text() == null || !line.text().isBlank()) {
        answer(line);
      }
    }
    ErrorKind stopped = cancellation.requested();
    if (stopped != null) {
      throw new SqliteSafeException(
          stopped,
          "interrupted after " + answered + (answered == 1 ? " answer" : " answers"),
          "each answer says what became of its request; later requests were not begun");
    }
  }

  private void answer(RequestLines.Line line) {
    Answer answer = new Answer();
    int exitCode = run(line, answer);
    answered++;
    try {
      console.print(answer.line(answered, exitCode));
    } catch (UncheckedIOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED,
          "request "
              + answered
              + " ended with status "
              + exitCode
              + ", but its answer cannot be"
              + " printed: "
              + e.getMessage(),
          "do not send it again without a look at the database; later requests were not begun",
          e);
    }
  }

  private int run(RequestLines.Line line, Answer answer) {
    try {
      Request request = request(line.text(), line.error());
      return runner.run(
          answer.console(request.stdin()), cancellation, request.words().toArray(String[]::new));
    } catch (SqliteSafeException e) {
      return new ErrorPrinter(answer.console(""), AS_JSON).print(e);
    }
  }

  private static Request request(@Nullable String text, @Nullable SqliteSafeException error) {
    if (text == null) {
      throw error == null ? Request.bad("it is empty") : error;
    }
    Request request = Request.parse(text);
    if (REFUSED.contains(request.words().get(0))) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          request.words().get(0) + " cannot be a request",
          "it uses standard input and output itself: start it as a command of its own");
    }
    if (request.words().contains("--watch")) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "--watch has no end, and so no answer", "ask again instead");
    }
    return request;
  }
}
