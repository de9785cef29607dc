package io.sqlitesafe.probe;

import io.sqlitesafe.internal.fs.IoErrors;
import io.sqlitesafe.mount.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All checks, one after the other, as the leader drives them. */
final class Checks {
  private static final int PINGS = 7;
  private static final String CLOCK_MILLIS = "2300";
  private static final List<Use> TRUSTED = List.of(Use.TRUSTED_ROLLBACK, Use.TRUSTED_WAL);

  private final Pair pair;
  private final Consumer<String> progress;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param progress is told what is being tried
   */
  Checks(Pair pair, Consumer<String> progress) {
    this.pair = pair;
    this.progress = progress;
  }

  /** The other side's clock less this one's, from the quickest of a few questions. */
  static long offset(Peer peer) throws IOException {
    long best = Long.MAX_VALUE;
    long offset = 0;
    for (int i = 0; i < PINGS; i++) {
      long before = Clocks.now();
      long there = Long.parseLong(peer.call("now").get(0));
      long after = Clocks.now();
      if (after - before < best) {
        best = after - before;
        offset = there - (before + after) / 2;
      }
    }
    return offset;
  }

  private interface Check {
    void run() throws IOException;
  }

  List<Finding> run() {
    boolean sameFiles = meet();
    long[] mkdir = {0};
    section("latency", List.of(), () -> mkdir[0] = latency());
    section("clock", List.of(), this::clock);
    for (Race.Kind kind : Race.Kind.values()) {
      section(
          "race-" + kind.id(),
          List.of(Use.values()),
          () -> findings.add(RaceCheck.run(pair, kind, mkdir[0])));
    }
    if (sameFiles) {
      section("seen", List.of(Use.values()), () -> findings.addAll(VisibilityCheck.run(pair)));
      section("posix-locks", TRUSTED, () -> findings.add(SqliteCheck.locks(pair)));
      writers("delete", Use.TRUSTED_ROLLBACK);
      wal();
      counters("publish", Use.PUBLISH);
      counters("in-place", Use.IN_PLACE);
    }
    return findings;
  }

  /**
   * Only where POSIX locks hold: each side that believes to be the first one truncates the log's
   * index, which the other has mapped, and dies of SIGBUS (sqlite.org/mmap.html tells of the same).
   */
  private void wal() {
    boolean locked =
        findings.stream()
            .noneMatch(f -> f.check().equals("posix-locks") && f.state() == Finding.State.BAD);
    if (locked) {
      writers("wal", Use.TRUSTED_WAL);
      return;
    }
    findings.add(
        new Finding(
            "sqlite-wal",
            Finding.State.BAD,
            "not tried: without common locks it can kill the processes that try",
            new LinkedHashMap<>(),
            List.of(Use.TRUSTED_WAL)));
  }

  private void writers(String journal, Use use) {
    section(
        "sqlite-" + journal,
        List.of(use),
        () -> findings.add(SqliteCheck.writers(pair, journal, use)));
  }

  private void counters(String how, Use use) {
    section(
        "locked-" + how, List.of(use), () -> findings.add(SqliteCheck.counters(pair, how, use)));
  }

  /** A check that cannot be done is bad for whatever relies on it. */
  private void section(String name, List<Use> breaks, Check check) {
    progress.accept(name);
    try {
      check.run();
    } catch (IOException e) {
      findings.add(
          new Finding(
              name,
              breaks.isEmpty() ? Finding.State.NOTED : Finding.State.BAD,
              "cannot be tried: " + IoErrors.reason(e),
              new LinkedHashMap<>(),
              breaks));
    }
  }

  /** Whether each sees a file that the other has made, of a name that nobody has looked for. */
  private boolean meet() {
    section(
        "same-files",
        List.of(Use.values()),
        () -> {
          pair.both("mark");
          String patience = Long.toString(pair.meeting().toMillis());
          Pair.Both seen =
              pair.each(
                  new String[] {"sees", "b", patience},
                  new String[] {"sees", pair.own().letter(), patience});
          findings.add(
              sameFiles(seen.own().get(0).equals("yes"), seen.other().get(0).equals("yes")));
        });
    return findings.get(findings.size() - 1).state() == Finding.State.GOOD;
  }

  private static Finding sameFiles(boolean here, boolean there) {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("here", here);
    data.put("there", there);
    String text =
        here && there
            ? "each side sees files of the other"
            : !here && !there
                ? "neither side sees files of the other: two directories, or two worlds"
                : "only " + (here ? "this" : "the other") + " side sees files of the other";
    return new Finding(
        "same-files",
        here && there ? Finding.State.GOOD : Finding.State.BAD,
        text,
        data,
        List.of(Use.values()));
  }

  private long latency() throws IOException {
    Pair.Both both = pair.both("latency");
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    String[] names = {"mkdir", "syncFile", "syncDirectory"};
    String[] spoken = {"mkdir ", ", fsync of a file ", ", of a directory "};
    for (int i = 0; i < names.length; i++) {
      long here = Long.parseLong(both.own().get(i));
      long there = Long.parseLong(both.other().get(i));
      data.put(names[i] + "MicrosHere", here);
      data.put(names[i] + "MicrosThere", there);
      text.append(spoken[i])
          .append(here < 0 || there < 0 ? "refused" : millis(Math.max(here, there)));
    }
    findings.add(new Finding("latency", Finding.State.NOTED, text.toString(), data, List.of()));
    return Math.max(Long.parseLong(both.own().get(0)), Long.parseLong(both.other().get(0)));
  }

  private void clock() throws IOException {
    Pair.Both both = pair.both("clock", CLOCK_MILLIS);
    long ahead = Long.parseLong(both.own().get(0));
    long step = Math.max(number(both.own(), 1), number(both.other(), 1));
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("mtimeStepMicros", step);
    data.put("fileSystemAheadMicros", ahead);
    data.put("otherAheadMicros", pair.offset());
    findings.add(
        new Finding(
            "clock",
            Finding.State.NOTED,
            "file times step by "
                + millis(step)
                + " or less; the file system's clock is "
                + millis(ahead)
                + " ahead, the other side's "
                + millis(pair.offset()),
            data,
            List.of()));
  }

  private static long number(List<String> words, int index) {
    return Long.parseLong(words.get(index));
  }

  private static String millis(long micros) {
    return String.format(java.util.Locale.ROOT, "%.1f ms", micros / 1000.0);
  }
}
