package io.sqlitesafe.probe;

import io.sqlitesafe.mount.Advice;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.mount.PolicyTable;
import io.sqlitesafe.mount.Use;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a probe found.
 *
 * @param directory that was tried
 * @param mount its file system
 * @param other the other side
 * @param findings in the order of the checks
 * @param elapsed how long it took
 */
public record ProbeResult(
    Path directory, Mount mount, Other other, List<Finding> findings, Duration elapsed) {
  /**
   * The process on the other side.
   *
   * @param elsewhere it uses another mount or is on another host, so that what was found holds for
   *     more than processes side by side
   * @param directory under which it has the files; null where only that host knows
   */
  public record Other(
      long pid, String host, boolean elsewhere, Mount mount, @Nullable Path directory) {}

  /**
   * On a way of using a database here.
   *
   * @param reasons why, the worst first
   */
  public record Verdict(Use use, Advice advice, List<String> reasons) {}

  /**
   * What was seen to go wrong is refused. What went well is fine, unless the policy table refuses
   * it: a probe of a minute finds no fault that shows once in a thousand commits. Where the table
   * only warns or presumes, because nobody has tried it, a probe of two mounts or hosts settles it.
   */
  public Verdict verdict(Use use) {
    List<String> bad =
        findings.stream()
            .filter(f -> f.state() == Finding.State.BAD && f.breaks().contains(use))
            .map(f -> f.check() + ": " + f.text())
            .toList();
    if (!bad.isEmpty()) {
      return new Verdict(use, Advice.REFUSE, bad);
    }
    List<String> reasons = new ArrayList<>();
    Advice advice = Advice.FINE;
    for (Mount each : List.of(mount, other.mount())) {
      PolicyTable.Verdict known = PolicyTable.judge(each, use);
      boolean open = known.presumed() && other.elsewhere();
      advice = advice.orStricter(open ? Advice.WARN : known.advice());
      if (known.advice() != Advice.FINE && !reasons.contains(known.reason())) {
        reasons.add(known.reason());
      }
    }
    if (advice == Advice.WARN && other.elsewhere()) {
      advice = Advice.FINE;
      reasons.clear();
    }
    boolean notTried = !other.elsewhere() && (mount.isNetwork() || advice != Advice.FINE);
    reasons.add(notTried ? "other mounts and hosts were not tried" : "nothing went wrong here");
    return new Verdict(use, advice, reasons);
  }

  public List<Verdict> verdicts() {
    return List.of(Use.values()).stream().map(this::verdict).toList();
  }

  /** Whether a database may be kept here in some way. */
  public boolean isSafe() {
    return verdicts().stream().anyMatch(v -> v.advice() != Advice.REFUSE);
  }
}
