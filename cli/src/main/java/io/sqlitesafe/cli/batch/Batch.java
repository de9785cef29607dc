package io.sqlitesafe.cli.batch;

import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.Console;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.notes.ErrorPrinter;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.LockListener;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

  private static final int MOST_TOGETHER = 500;

  private static final String[] AS_JSON = {"--json"};

  /** Reads one command line; what is left of it is run as the program does. */
  public interface Runner {
    Command.Step prepare(
        Console console, Cancellation cancellation, Invocation.Doors doors, String... words);
  }

  private final Runner runner;
  private final Console console;
  private final Cancellation cancellation;
  private final RequestLines lines;
  private final OpenStream stream;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private @Nullable Request current;
  private @Nullable Seen seen;
  private long answered;
  private int worst;

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
    this.stream = new OpenStream(() -> Request.writeAlike(current, next()), listener);
  }

  /** A request that was read, what is left to do, and what it will be answered by. */
  private record Pending(
      RequestLines.Line line, @Nullable Request request, Command.Step step, Answer answer) {}

  /** A request that was run. */
  private record Done(Pending pending, int exitCode) {}

  /**
   * Runs until standard input ends.
   *
   * @return the worst status of all answers: 0 is best, then 3, then the others by number
   */
  public int run() {
    try (stream) {
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
    return worst;
  }

  private static int rank(int exitCode) {
    return exitCode == 0 ? -1 : exitCode == ErrorKind.WARNINGS.exitCode() ? 0 : exitCode;
  }

  /** The request that is run next, if it is there already and can be read. */
  private @Nullable Request next() {
    Pending following = pending.peek();
    return following == null ? ready() : following.request;
  }

  /** That of the next line. */
  private @Nullable Request ready() {
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

  /**
   * Answers a request and those after it that are there and can be committed with it. All are read
   * before the first is run: what is done under the lock keeps others waiting.
   */
  private void answer(RequestLines.Line first) {
    RequestLines.Line line = first;
    boolean more = true;
    while (more && line != null) {
      Pending one = prepare(line);
      pending.add(one);
      more = pending.size() < MOST_TOGETHER && Request.share(one.request, ready());
      line = more ? lines.next(cancellation) : null;
    }
    do {
      settle(runTogether());
    } while (!pending.isEmpty() && cancellation.requested() == null);
  }

  /** Runs what is pending, or as much of it as may wait for its answers. */
  private List<Done> runTogether() {
    stream.group(pending.size() > 1);
    List<Done> done = new ArrayList<>();
    long bytes = 0;
    do {
      Done one = run(pending.remove());
      done.add(one);
      bytes += one.pending.answer.size();
    } while (!pending.isEmpty() && stream.hasTime() && bytes < MOST_HELD_BYTES);
    return done;
  }

  /** Commits what was run together, and answers. */
  private void settle(List<Done> all) {
    List<String> warnings;
    try {
      warnings = stream.commit();
    } catch (SqliteSafeException e) {
      all.forEach(done -> answerAlone(done.pending.line, e));
      return;
    }
    // From here on they are committed, and may not be run again whatever goes wrong.
    int unanswered = all.size();
    for (Done done : all) {
      print(done.pending.answer, warned(done, warnings), --unanswered);
    }
  }

  /** For a request that was run together with others, of which nothing has happened. */
  private void answerAlone(RequestLines.Line line, SqliteSafeException failure) {
    if (failure.kind() == ErrorKind.UNCERTAIN) {
      Answer answer = new Answer();
      print(answer, new ErrorPrinter(answer.console(""), AS_JSON).print(failure), 0);
      return;
    }
    stream.group(false);
    Done done = run(prepare(line));
    stream.release();
    print(done.pending.answer, done.exitCode, 0);
  }

  private static int warned(Done done, List<String> warnings) {
    warnings.forEach(done.pending.answer::note);
    boolean warned = done.exitCode == 0 && !warnings.isEmpty();
    return warned ? ErrorKind.WARNINGS.exitCode() : done.exitCode;
  }

  /**
   * Prints an answer.
   *
   * @param together how many more requests are done, and still without an answer
   */
  private void print(Answer answer, int exitCode, int together) {
    answered++;
    worst = rank(exitCode) > rank(worst) ? exitCode : worst;
    try {
      console.print(answer.line(answered, exitCode));
    } catch (UncheckedIOException e) {
      throw unprinted(answer.isDone(), exitCode, together, e);
    }
  }

  private SqliteSafeException unprinted(
      boolean done, int exitCode, int together, UncheckedIOException e) {
    String also = "";
    if (together > 0) {
      also = ", and so are " + together + " after it that were committed with it";
    }
    return new SqliteSafeException(
        done ? ErrorKind.WARNINGS : ErrorKind.FAILED,
        "request "
            + answered
            + " ended with status "
            + exitCode
            + also
            + ", but its answer cannot be printed: "
            + e.getMessage(),
        (done ? "do not send it again; " : "") + "later requests were not begun",
        e);
  }

  private Done run(Pending one) {
    current = one.request;
    if (current != null && !current.goesWithKept()) {
      stream.release();
    }
    return new Done(one, one.step.run());
  }

  private Pending prepare(RequestLines.Line line) {
    Answer answer = new Answer();
    try {
      Request request = request(line.text(), line.error());
      String[] words = request.words().toArray(String[]::new);
      Console streams = answer.console(request.stdin());
      return new Pending(
          line, request, runner.prepare(streams, cancellation, stream, words), answer);
    } catch (SqliteSafeException e) {
      int exitCode = new ErrorPrinter(answer.console(""), AS_JSON).print(e);
      return new Pending(line, null, () -> exitCode, answer);
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
