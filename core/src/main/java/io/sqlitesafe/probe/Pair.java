package io.sqlitesafe.probe;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Both sides, and for how long they try.
 *
 * @param own the leader's
 * @param peer the other
 * @param offset how far the other's clock is ahead of the leader's, in microseconds
 * @param rounds of each race
 * @param time for all checks together
 */
record Pair(Side own, Peer peer, long offset, int rounds, Duration time) {
  private static final long CACHED_MILLIS = 31_000;

  /** What both sides did at the same time. */
  record Both(List<String> own, List<String> other) {}

  /** Both do the same. */
  Both both(String... request) throws IOException {
    return each(request, request);
  }

  /** Both do the same until a time, each by its own clock. */
  Both bothUntil(long endMicros, String... request) throws IOException {
    return each(plus(request, endMicros), plus(request, endMicros + offset));
  }

  /**
   * Each does its own, at the same time. The other's answer is awaited even where the own part
   * fails: it would be taken for the answer to the next request.
   */
  Both each(String[] mine, String[] theirs) throws IOException {
    peer.ask(theirs);
    List<String> done;
    try {
      done = own.run(List.of(mine));
    } catch (IOException e) {
      peer.answer();
      throw e;
    }
    return new Both(done, peer.answer());
  }

  private static String[] plus(String[] request, long word) {
    String[] longer = java.util.Arrays.copyOf(request, request.length + 1);
    longer[request.length] = Long.toString(word);
    return longer;
  }

  /** For one of the checks that write all the time. */
  Duration writing() {
    return Duration.ofMillis(Math.max(1_000, time.toMillis() / 16));
  }

  /** For what a caching client may be late to see: NFS up to half a minute. */
  Duration watching() {
    return Duration.ofMillis(Math.min(CACHED_MILLIS, time.toMillis() / 2));
  }

  /** For one race. */
  Duration racing() {
    return time.dividedBy(20);
  }

  /** For a file that nobody has looked for before to be seen. */
  Duration meeting() {
    return Duration.ofMillis(Math.min(5_000, time.toMillis() / 6));
  }
}
