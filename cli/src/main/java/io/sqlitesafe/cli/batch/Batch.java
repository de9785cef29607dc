package io.sqlitesafe.cli.batch;

import io.sqlitesafe.cli.Console;
import io.sqlitesafe.cli.output.ErrorPrinter;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockListener;
import io.sqlitesafe.lock.LockRelay;
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
    int run(Console console, Cancellation cancellation, LockRelay relay, String... words);
  }

  private final Runner runner;
  private final Console console;
  private final Cancellation cancellation;
  private final RequestLines lines;
  private final LockRelay relay;
  private @Nullable Request current;
  private @Nullable Seen seen;
  private long answered;

  /**
   * Answers on {@code console}; {@code cancellation} ends the request under way, and the rest.
   *
   * @param listener told of a lock between two requests
   */
  public Batch(Runner runner, Console console, Cancellation cancellation, LockListener listener) {
    this.runner = runner;
    this.console = console;
    this.cancellation = cancellation;
    this.lines = new RequestLines(console.in());
    this.relay = new LockRelay(this::goesOn, listener);
  }

  /** Runs until standard input ends. */
  public void run() {
    try (relay) {
      for (RequestLines.Line line = lines.next(cancellation);
          line != null;
          line = lines.next(cancellation)) {
        if (line.text() == null || !line.text().isBlank()) {
          answer(line);
        }
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

  /** Whether the next request is there already and writes to the same database. */
  private boolean goesOn() {
    String text = lines.ready();
    if (text == null || cancellation.requested() != null) {
      return false;
    }
    try {
      return Request.writeAlike(current, parse(text));
    } catch (SqliteSafeException unfit) {
      return false; // its own answer will say it
    }
  }

  /** Remembers the last one, as each request is first seen as the one that comes next. */
  private Request parse(String text) {
    Seen last = seen;
    if (last == null || !last.text().equals(text)) {
      last = new Seen(text, Request.parse(text));
      seen = last;
    }
    return last.request();
  }

  private record Seen(String text, Request request) {}

  private void answer(RequestLines.Line line) {
    Answer answer = new Answer();
    int exitCode = run(line, answer);
    answered++;
    if (!goesOn()) {
      relay.close(); // left for a request that did not come to want it
    }
    print(answer, exitCode);
  }

  private void print(Answer answer, int exitCode) {
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
    current = null;
    try {
      Request request = request(line.text(), line.error());
      current = request;
      return runner.run(
          answer.console(request.stdin()),
          cancellation,
          relay,
          request.words().toArray(String[]::new));
    } catch (SqliteSafeException e) {
      return new ErrorPrinter(answer.console(""), AS_JSON).print(e);
    }
  }

  private Request request(@Nullable String text, @Nullable SqliteSafeException error) {
    if (text == null) {
      throw error == null ? Request.bad("it is empty") : error;
    }
    Request request = parse(text);
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
