package io.sqlitesafe.cli.batch;

import io.sqlitesafe.WriteStream;
import io.sqlitesafe.cli.Console;
import io.sqlitesafe.cli.output.ErrorPrinter;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockListener;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests, one after the other, until they end. Writes that are there already are
 * committed together, and only then answered. For one thread.
 */
public final class Batch {
  /** These talk over the process's own streams, which here carry requests and answers. */
  private static final Set<String> REFUSED = Set.of("batch", "shell", "with-lock");

  /** Answers that wait for their commit are held in memory. */
  private static final int MOST_HELD_BYTES = 4 << 20;

  private static final String[] AS_JSON = {"--json"};

  /** Runs one command line to its end, as the program does, and returns its exit status. */
  public interface Runner {
    int run(Console console, Cancellation cancellation, WriteStream stream, String... words);
  }

  private final Runner runner;
  private final Console console;
  private final Cancellation cancellation;
  private final RequestLines lines;
  private final WriteStream stream;
  private final List<Done> held = new ArrayList<>();
  private long heldBytes;
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
    this.stream = new WriteStream(() -> Request.writeAlike(current, next()), listener);
  }

  /** A request that was run, and what is to be answered. */
  private record Done(RequestLines.Line line, Answer answer, int exitCode) {}

  /** Runs until standard input ends. */
  public void run() {
    try (stream) {
      for (RequestLines.Line line = lines.next(cancellation);
          line != null;
          line = lines.next(cancellation)) {
        if (line.text() == null || !line.text().isBlank()) {
          answer(line);
        }
      }
      settle(); // a signal came in between
    }
    ErrorKind stopped = cancellation.requested();
    if (stopped != null) {
      throw new SqliteSafeException(
          stopped,
          "interrupted after " + answered + (answered == 1 ? " answer" : " answers"),
          "each answer says what became of its request; later requests were not begun");
    }
  }

  /** The next request, if it is there already and can be read. */
  private @Nullable Request next() {
    String text = lines.ready();
    if (text == null || cancellation.requested() != null) {
      return null;
    }
    try {
      return parse(text);
    } catch (SqliteSafeException unfit) {
      return null; // its own answer will say it
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
    Done done = run(line, true);
    held.add(done);
    heldBytes += done.answer.size();
    if (!stream.hasTime() || heldBytes > MOST_HELD_BYTES || !Request.share(current, next())) {
      settle();
    }
  }

  /** Commits what was run together, and answers. */
  private void settle() {
    List<Done> all = List.copyOf(held);
    held.clear();
    heldBytes = 0;
    try {
      List<String> warnings = stream.commit();
      if (!Request.writeAlike(current, next())) {
        stream.close(); // a lock left for a request that did not come to want it
      }
      all.forEach(done -> print(done.answer, warned(done, warnings)));
    } catch (SqliteSafeException e) {
      all.forEach(done -> answerAlone(done.line, e));
    }
  }

  /** For a request that was run together with others, of which nothing has happened. */
  private void answerAlone(RequestLines.Line line, SqliteSafeException failure) {
    if (failure.kind() == ErrorKind.UNCERTAIN) {
      Answer answer = new Answer();
      print(answer, new ErrorPrinter(answer.console(""), AS_JSON).print(failure));
      return;
    }
    Done done = run(line, false);
    stream.close();
    print(done.answer, done.exitCode);
  }

  private static int warned(Done done, List<String> warnings) {
    warnings.forEach(done.answer::note);
    boolean fine = done.exitCode == 0 && warnings.isEmpty();
    return fine || done.exitCode != 0 ? done.exitCode : ErrorKind.WARNINGS.exitCode();
  }

  private void print(Answer answer, int exitCode) {
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

  private Done run(RequestLines.Line line, boolean share) {
    current = null;
    Answer answer = new Answer();
    int exitCode;
    try {
      Request request = request(line.text(), line.error());
      current = request;
      stream.share(share && Request.share(request, next()));
      exitCode =
          runner.run(
              answer.console(request.stdin()),
              cancellation,
              stream,
              request.words().toArray(String[]::new));
    } catch (SqliteSafeException e) {
      exitCode = new ErrorPrinter(answer.console(""), AS_JSON).print(e);
    }
    return new Done(line, answer, exitCode);
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
