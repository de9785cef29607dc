package io.sqlitesafe.snapshot;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which backups to keep, by the rules that restic made known: of each of the last N days (weeks,
 * months) that have a backup, the last one; and the last N of all. A backup stays as long as one
 * rule wants it. Days, ISO weeks and months are those of UTC.
 *
 * @param last how many of the newest to keep; 0 = this rule keeps none
 * @param daily for how many days
 * @param weekly for how many weeks
 * @param monthly for how many months
 */
public record Retention(int last, int daily, int weekly, int monthly) {
  /** Keeps everything. */
  public static final Retention NONE = new Retention(0, 0, 0, 0);

  private static final String LAST_WITH_CONTENT = "last with content";

  /** Whether there is any rule; without one nothing is ever deleted. */
  public boolean isActive() {
    return last > 0 || daily > 0 || weekly > 0 || monthly > 0;
  }

  /** A backup with its manifest. */
  public record Backup(Path file, Manifest manifest) {
    boolean hasContent() {
      return manifest.database().hasContent();
    }
  }

  /**
   * A backup's fate.
   *
   * @param reasons the rules that keep it ({@code last}, {@code daily}, {@code weekly}, {@code
   *     monthly}, {@code last good}, {@code last with content}); empty = it goes
   */
  public record Decision(Backup backup, List<String> reasons) {
    public boolean keep() {
      return !reasons.isEmpty();
    }

    /** No rule wants it, but newer ones hold nothing. */
    boolean isHeldBack() {
      return reasons.equals(List.of(LAST_WITH_CONTENT));
    }
  }

  /**
   * What became of a directory.
   *
   * @param kept newest first
   * @param deleted oldest first; of a dry run, what would be deleted
   * @param others how many backups of other databases are there; they are left alone
   * @param withoutIdentity how many backups of this path are there whose manifests, of an earlier
   *     version, do not say of which host; they are left alone
   * @param warnings what was held back, or could not be deleted, and why; one makes exit status 3
   */
  public record Outcome(
      List<Path> kept,
      List<Path> deleted,
      int others,
      int withoutIdentity,
      List<String> warnings) {}

  /** Decides on every backup; newest first. Pure. */
  public List<Decision> decide(List<Backup> backups) {
    List<Backup> newestFirst = new ArrayList<>(backups);
    newestFirst.sort(
        Comparator.comparing((Backup b) -> b.manifest().createdAt())
            .thenComparing(Backup::file)
            .reversed());
    Map<Backup, List<String>> reasons = new LinkedHashMap<>();
    newestFirst.forEach(backup -> reasons.put(backup, new ArrayList<>()));
    if (!isActive()) {
      reasons.values().forEach(each -> each.add("no rule"));
    }
    newestFirst.stream().limit(last).forEach(b -> reason(reasons, b, "last"));
    keepLastOfEach(newestFirst, daily, Retention::day, "daily", reasons);
    keepLastOfEach(newestFirst, weekly, Retention::week, "weekly", reasons);
    keepLastOfEach(newestFirst, monthly, Retention::month, "monthly", reasons);
    newestFirst.stream()
        .filter(b -> b.manifest().check().ok())
        .findFirst()
        .or(() -> newestFirst.stream().findFirst())
        .ifPresent(b -> reason(reasons, b, "last good"));
    keepLastWithContent(newestFirst, reasons);
    return newestFirst.stream()
        .map(b -> new Decision(b, List.copyOf(reasons.getOrDefault(b, List.of()))))
        .toList();
  }

  /** A database that was emptied by mistake must not rotate away what was in it. */
  private static void keepLastWithContent(
      List<Backup> newestFirst, Map<Backup, List<String>> reasons) {
    if (newestFirst.isEmpty() || newestFirst.get(0).hasContent()) {
      return;
    }
    Set<Backup> last = new LinkedHashSet<>();
    newestFirst.stream().filter(Backup::hasContent).findFirst().ifPresent(last::add);
    newestFirst.stream()
        .filter(b -> b.hasContent() && b.manifest().check().ok())
        .findFirst()
        .ifPresent(last::add);
    last.forEach(b -> reason(reasons, b, LAST_WITH_CONTENT));
  }

  private static void keepLastOfEach(
      List<Backup> newestFirst,
      int periods,
      Function<LocalDate, String> period,
      String rule,
      Map<Backup, List<String>> reasons) {
    Set<String> seen = new HashSet<>();
    for (Backup backup : newestFirst) {
      LocalDate date = LocalDate.ofInstant(backup.manifest().createdAt(), ZoneOffset.UTC);
      if (seen.size() < periods && seen.add(period.apply(date))) {
        reason(reasons, backup, rule);
      }
    }
  }

  private static void reason(Map<Backup, List<String>> reasons, Backup backup, String rule) {
    List<String> all = reasons.get(backup);
    if (all != null) {
      all.add(rule);
    }
  }

  private static String day(LocalDate date) {
    return date.toString();
  }

  private static String week(LocalDate date) {
    return date.get(IsoFields.WEEK_BASED_YEAR) + "-" + date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
  }

  private static String month(LocalDate date) {
    return YearMonth.from(date).toString();
  }

  /**
   * Deletes, in {@code directory}, what no rule keeps of the backups of one database: files that a
   * manifest of ours describes and that are still of the size it says, never the last one that was
   * verified, never the last one with content, never {@code fresh}. A deletion that fails is a
   * warning.
   *
   * @param fresh the backup just made; null where there is none
   */
  public Outcome apply(Path directory, Identity identity, @Nullable Path fresh) {
    return new RetentionRun(this, directory, identity).apply(fresh);
  }

  /**
   * What {@link #apply} would do once {@code fresh} were there. Changes nothing.
   *
   * @param fresh a backup that is not made
   */
  public Outcome plan(Path directory, Identity identity, Backup fresh) {
    return new RetentionRun(this, directory, identity).plan(fresh);
  }
}
