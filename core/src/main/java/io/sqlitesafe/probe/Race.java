package io.sqlitesafe.probe;

import io.sqlitesafe.internal.host.Threads;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * One side's part in a race: so many threads try the same thing at the same time, round after
 * round, each round at an appointed time.
 */
final class Race {
  /** What is raced for; of all who try, one may succeed. */
  enum Kind {
    /** To make a directory. */
    MKDIR,
    /** To make a file, exclusively. */
    CREATE,
    /** To give one's own, filled directory a name. */
    RENAME,
    /** To remove a file. */
    UNLINK,
    /** To remove a file or to rename it away, as a breaker and a publishing owner do. */
    CLAIM;

    String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether there must be something to race for. */
    boolean needsPrize() {
      return this == UNLINK || this == CLAIM;
    }
  }

  /** The outcome of an attempt that succeeded. */
  static final String WON = "won";

  private final Kind kind;
  private final Path base;
  private final String side;

  /**
   * @param base a directory for this race alone
   * @param side the letter of this side
   */
  Race(Kind kind, Path base, String side) {
    this.kind = kind;
    this.base = base;
    this.side = side;
  }

  /** Puts down what is raced for. */
  static void putPrizes(Kind kind, Path base, int rounds) throws IOException {
    Files.createDirectories(base);
    if (kind.needsPrize()) {
      for (int i = 0; i < rounds; i++) {
        Files.createFile(prize(base, i));
      }
    }
  }

  private static Path prize(Path base, int round) {
    return base.resolve("prize-" + round);
  }

  /**
   * Runs all rounds.
   *
   * @param startMicros of the first, by this host's clock
   * @param slotMicros from one to the next
   * @return for each thread and round {@link #WON} or the error, thread after thread
   */
  List<String> run(int rounds, int threads, long startMicros, long slotMicros) throws IOException {
    Files.createDirectories(base);
    List<List<String>> outcomes = new ArrayList<>();
    List<Thread> racers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<String> mine = new ArrayList<>();
      outcomes.add(mine);
      int number = t;
      Thread racer =
          new Thread(
              () -> race(number, rounds, startMicros, slotMicros, mine), "sqlite-safe-racer-" + t);
      racer.setDaemon(true);
      racers.add(racer);
      racer.start();
    }
    List<String> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Threads.join(racers.get(t));
      all.addAll(outcomes.get(t));
    }
    return all;
  }

  private void race(int thread, int rounds, long start, long slot, List<String> outcomes) {
    for (int i = 0; i < rounds; i++) {
      String outcome;
      try {
        Path own = prepared(thread, i);
        Clocks.sleepUntil(start + i * slot);
        attempt(thread, i, own);
        outcome = WON;
      } catch (IOException e) {
        outcome = errorName(e);
      }
      outcomes.add(outcome);
    }
  }

  /** What a racer needs of its own before the round. */
  private Path prepared(int thread, int round) throws IOException {
    Path own = base.resolve("of-" + side + thread + "-" + round);
    if (kind == Kind.RENAME) {
      Files.createDirectory(own);
      Files.createFile(own.resolve("f"));
    }
    return own;
  }

  private void attempt(int thread, int round, Path own) throws IOException {
    switch (kind) {
      case MKDIR -> Files.createDirectory(base.resolve("d-" + round));
      case CREATE ->
          FileChannel.open(
                  base.resolve("f-" + round),
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE_NEW)
              .close();
      case RENAME -> Files.move(own, base.resolve("d-" + round), StandardCopyOption.ATOMIC_MOVE);
      case UNLINK -> Files.delete(prize(base, round));
      case CLAIM -> {
        if (thread % 2 == 0) {
          Files.delete(prize(base, round));
        } else {
          Files.move(prize(base, round), own, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }

  /** The name of an error, as far as Java lets it through. */
  static String errorName(IOException e) {
    if (e.getClass() == FileSystemException.class) {
      return String.valueOf(((FileSystemException) e).getReason());
    }
    return e.getClass().getSimpleName().replace("Exception", "");
  }
}
