package io.sqlitesafe.probe;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.lock.ProcessIdentity;
import io.sqlitesafe.mount.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * One of the two processes, and what it can be told to do in the scratch directory as it sees it.
 * Requests and answers are words, as they may come from another host; both sides do the same on the
 * same request.
 */
final class Side implements AutoCloseable {
  private final Path work;
  private final String letter;
  private final Cancellation cancellation;
  private final RangeLock lock = new RangeLock();

  /**
   * @param work the scratch directory; made if this side does not see it
   * @param letter unlike the other side's
   */
  Side(Path work, String letter, Cancellation cancellation) throws IOException {
    this.work = work;
    this.letter = letter;
    this.cancellation = cancellation;
    Files.createDirectories(work);
  }

  String letter() {
    return letter;
  }

  Path path(String name) {
    return work.resolve(name);
  }

  /** Does what is asked, and answers. */
  List<String> run(List<String> request) throws IOException {
    cancellation.throwIfRequested();
    return switch (request.get(0)) {
      case "hello" -> hello();
      case "now" -> List.of(Long.toString(Clocks.now()));
      case "mark" -> mark();
      case "sees" -> sees(request.get(1), millis(request.get(2)));
      case "clock" -> clock(millis(request.get(1)));
      case "latency" -> latency();
      case "race" -> race(request);
      case "look-before" -> look(() -> Visibility.lookBefore(work.resolve(request.get(1))));
      case "change" -> look(() -> Visibility.change(work.resolve(request.get(1))));
      case "watch" -> Visibility.watch(work.resolve(request.get(1)), millis(request.get(2)));
      case "lock" -> List.of(lock.acquire(work.resolve(request.get(1))));
      case "unlock" -> look(lock::release);
      case "commit" ->
          Commits.write(work.resolve(request.get(1)), letter, number(request.get(2))).words();
      case "count" ->
          LockedCounter.count(
                  work.resolve(request.get(1)),
                  request.get(2).equals("in-place"),
                  number(request.get(3)),
                  cancellation)
              .words();
      default -> throw new IOException("unknown request: " + request.get(0));
    };
  }

  private interface Action {
    void run() throws IOException;
  }

  private static List<String> look(Action action) throws IOException {
    action.run();
    return List.of();
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }

  private static Duration millis(String word) {
    return Duration.ofMillis(number(word));
  }

  private List<String> hello() {
    ProcessIdentity self = ProcessTable.ofThisHost().self();
    Mount mount = Mount.of(work);
    return List.of(
        Long.toString(self.pid()),
        self.hostname(),
        self.bootId() == null ? "" : self.bootId(),
        mount.type(),
        mount.source(),
        mount.options(),
        mount.mountPoint());
  }

  private List<String> mark() throws IOException {
    Files.createFile(work.resolve("here." + letter));
    return List.of();
  }

  private List<String> sees(String other, Duration patience) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    do {
      Barrier.cross(work);
      if (Files.exists(work.resolve("here." + other))) {
        return List.of("yes");
      }
      cancellation.sleep(Duration.ofMillis(50));
    } while (System.nanoTime() < end);
    return List.of("no");
  }

  private List<String> clock(Duration patience) throws IOException {
    Clocks.OfFileSystem clock =
        Clocks.measure(work.resolve("clock." + letter), patience.toMillis() * 1000);
    return List.of(Long.toString(clock.offset()), Long.toString(clock.granularity()));
  }

  private List<String> latency() throws IOException {
    Latency latency = Latency.measure(work.resolve("latency." + letter));
    return List.of(
        Long.toString(latency.mkdir()),
        Long.toString(latency.syncFile()),
        Long.toString(latency.syncDirectory()));
  }

  private List<String> race(List<String> request) throws IOException {
    Race.Kind kind = Race.Kind.valueOf(request.get(1).toUpperCase(Locale.ROOT));
    return new Race(kind, work.resolve("race-" + kind.id()), letter)
        .run(
            Math.toIntExact(number(request.get(2))),
            Math.toIntExact(number(request.get(3))),
            number(request.get(4)),
            number(request.get(5)));
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException gone) {
      // with the scratch directory
    }
  }
}
