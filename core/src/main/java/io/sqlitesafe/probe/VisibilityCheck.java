package io.sqlitesafe.probe;

import io.sqlitesafe.mount.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When each side sees what the other has changed. */
final class VisibilityCheck {
  private VisibilityCheck() {}

  /** Both change something and then look for what the other has changed. */
  static List<Finding> run(Pair pair) throws IOException {
    Visibility.setUp(pair.own().path("of-a"));
    Visibility.setUp(pair.own().path("of-b"));
    pair.each(words("look-before", "of-b"), words("look-before", "of-a"));
    pair.peer().call("change", "of-b");
    long otherChanged = Clocks.now();
    Visibility.change(pair.own().path("of-a"));
    long ownChanged = Clocks.now();
    String patience = Long.toString(pair.watching().toMillis());
    Pair.Both both = pair.each(words("watch", "of-b", patience), words("watch", "of-a", patience));
    List<Finding> findings = new ArrayList<>();
    for (Look look : Look.values()) {
      findings.add(
          judge(
              look,
              Seen.of(both.own(), look, otherChanged),
              Seen.of(both.other(), look, ownChanged + pair.offset()),
              pair.watching().toMillis()));
    }
    return findings;
  }

  private static String[] words(String... words) {
    return words;
  }

  /**
   * How one side saw a change.
   *
   * @param looks after how many; 0 = never
   * @param millis how long after the change, at most
   */
  record Seen(int looks, long millis) {
    static Seen of(List<String> words, Look look, long changedMicros) {
      String looks = words.get(look.ordinal() * 2);
      return looks.equals(Visibility.NEVER)
          ? new Seen(0, -1)
          : new Seen(
              Integer.parseInt(looks),
              Math.max(
                  0, (Long.parseLong(words.get(look.ordinal() * 2 + 1)) - changedMicros) / 1000));
    }

    boolean atOnce() {
      return looks == 1;
    }

    String text(long patienceMillis) {
      return looks == 0
          ? "not within " + seconds(patienceMillis)
          : atOnce() ? "at once" : "after " + seconds(millis);
    }
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }

  static Finding judge(Look look, Seen here, Seen there, long patienceMillis) {
    boolean late = !here.atOnce() || !there.atOnce();
    boolean matters = look.isBehindBarrier() || look == Look.NEW_BY_MKDIR;
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("hereMs", here.looks() == 0 ? null : here.millis());
    data.put("hereLooks", here.looks());
    data.put("thereMs", there.looks() == 0 ? null : there.millis());
    data.put("thereLooks", there.looks());
    String one = here.text(patienceMillis);
    String two = there.text(patienceMillis);
    return new Finding(
        "seen-" + look.id(),
        matters ? (late ? Finding.State.BAD : Finding.State.GOOD) : Finding.State.NOTED,
        one.equals(two) ? one : one + " here, " + two + " there",
        data,
        breaks(look));
  }

  private static List<Use> breaks(Look look) {
    return switch (look) {
      case NEW_BY_CHECK, GONE_BY_CHECK, NEW_BY_MKDIR -> List.of(Use.values());
      case REPLACED -> List.of(Use.PUBLISH);
      case REWRITTEN -> List.of(Use.IN_PLACE);
      default -> List.of();
    };
  }
}
