package io.sqlitesafe.probe;

import io.sqlitesafe.mount.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Races of both sides: of all who try, one may win each round. */
final class RaceCheck {
  private static final int THREADS = 3;
  private static final long LEAST_SLOT_MICROS = 1_500;
  private static final long HEAD_START_MICROS = 150_000;

  private RaceCheck() {}

  /**
   * Runs one race.
   *
   * @param mkdirMicros what an operation takes here, for the time between two rounds
   */
  static Finding run(Pair pair, Race.Kind kind, long mkdirMicros) throws IOException {
    long slot = Math.max(LEAST_SLOT_MICROS, mkdirMicros * THREADS);
    int rounds = (int) Math.max(1, Math.min(pair.rounds(), pair.racing().toMillis() * 1000 / slot));
    Race.putPrizes(kind, pair.own().path("race-" + kind.id()), rounds);
    long start = Clocks.now() + HEAD_START_MICROS;
    Pair.Both both =
        pair.each(
            request(kind, rounds, start, slot), request(kind, rounds, start + pair.offset(), slot));
    return judge(kind, rounds, both.own(), both.other());
  }

  private static String[] request(Race.Kind kind, int rounds, long start, long slot) {
    return new String[] {
      "race",
      kind.id(),
      Integer.toString(rounds),
      Integer.toString(THREADS),
      Long.toString(start),
      Long.toString(slot)
    };
  }

  /** What the outcomes mean, thread after thread, round after round. */
  static Finding judge(Race.Kind kind, int rounds, List<String> own, List<String> other) {
    Map<String, Integer> losers = new TreeMap<>();
    List<List<String>> racers = new ArrayList<>();
    for (List<String> side : List.of(own, other)) {
      for (int i = 0; i + rounds <= side.size(); i += rounds) {
        racers.add(side.subList(i, i + rounds));
      }
    }
    Map<String, @Nullable Object> histogram = new TreeMap<>();
    int several = 0;
    int nobody = 0;
    for (int round = 0; round < rounds; round++) {
      int winners = 0;
      for (List<String> racer : racers) {
        String outcome = racer.get(round);
        if (outcome.equals(Race.WON)) {
          winners++;
        } else {
          losers.merge(outcome, 1, Integer::sum);
        }
      }
      several += winners > 1 ? 1 : 0;
      nobody += winners == 0 ? 1 : 0;
      histogram.merge(Integer.toString(winners), 1, (a, b) -> (int) a + (int) b);
    }
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("rounds", rounds);
    data.put("racers", racers.size());
    data.put("roundsByWinners", histogram);
    data.put("losers", losers);
    data.put("wonHere", own.stream().filter(Race.WON::equals).count());
    data.put("wonThere", other.stream().filter(Race.WON::equals).count());
    String text =
        several > 0
            ? "two or more winners in " + several + " of " + rounds + " rounds"
            : nobody > 0
                ? "no winner in " + nobody + " of " + rounds + " rounds, never two"
                : "one winner in each of " + rounds + " rounds";
    return new Finding(
        "race-" + kind.id(),
        several > 0 ? Finding.State.BAD : Finding.State.GOOD,
        text + (several > 0 ? "" : "; losers got " + String.join(", ", losers.keySet())),
        data,
        List.of(Use.values()));
  }
}
