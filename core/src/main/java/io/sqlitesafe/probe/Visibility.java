package io.sqlitesafe.probe;

import io.sqlitesafe.internal.host.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** When one side sees what the other has changed; all kinds of {@link Look} at the same time. */
final class Visibility {
  private static final long SHORT_PAUSE_MICROS = 2_000;
  private static final long LONG_PAUSE_MICROS = 20_000;

  /** Said in place of a time where a change was never seen. */
  static final String NEVER = "never";

  private Visibility() {}

  static void setUp(Path base) throws IOException {
    for (Look look : Look.values()) {
      look.setUp(base);
    }
  }

  static void lookBefore(Path base) throws IOException {
    for (Look look : Look.values()) {
      look.lookBefore(base);
    }
  }

  static void change(Path base) throws IOException {
    for (Look look : Look.values()) {
      look.change(base);
    }
  }

  /**
   * Looks until all is seen.
   *
   * @return for each kind: after how many looks, and when by this host's clock, or {@link #NEVER}
   */
  static List<String> watch(Path base, Duration patience) {
    Look[] looks = Look.values();
    String[] seen = new String[looks.length * 2];
    Arrays.fill(seen, NEVER);
    List<Thread> watchers = new ArrayList<>();
    for (Look look : looks) {
      Thread watcher =
          new Thread(() -> watch(look, base, patience, seen), "sqlite-safe-look-" + look.id());
      watcher.setDaemon(true);
      watchers.add(watcher);
      watcher.start();
    }
    watchers.forEach(Threads::join);
    return List.of(seen);
  }

  private static void watch(Look look, Path base, Duration patience, String[] seen) {
    long start = Clocks.now();
    long end = start + patience.toNanos() / 1000;
    for (int looks = 1; Clocks.now() < end; looks++) {
      try {
        if (look.isSeen(base)) {
          seen[look.ordinal() * 2] = Integer.toString(looks);
          seen[look.ordinal() * 2 + 1] = Long.toString(Clocks.now());
          return;
        }
      } catch (IOException notYet) {
        // an old handle, for example
      }
      boolean young = Clocks.now() - start < 1_000_000;
      Clocks.sleepUntil(Clocks.now() + (young ? SHORT_PAUSE_MICROS : LONG_PAUSE_MICROS));
    }
  }
}
