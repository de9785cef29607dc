package io.sqlitesafe.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.internal.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  private static final String SOURCE = "/srv/app.db";

  @TempDir Path directory;

  @Test
  void keepsTheLastOfEachDay() {
    assertEquals(
        "2026-03-02T23:59:59Z daily, 2026-03-01T12:00:00Z daily",
        kept(
            new Retention(0, 2, 0, 0),
            "2026-02-28T10:00:00Z",
            "2026-03-01T00:00:00Z",
            "2026-03-01T12:00:00Z",
            "2026-03-02T00:00:00Z",
            "2026-03-02T23:59:59Z"));
  }

  @Test
  void daysWithoutABackupDoNotCount() {
    assertEquals(
        "2026-03-20T01:00:00Z daily, 2026-03-09T01:00:00Z daily, 2026-01-01T01:00:00Z daily",
        kept(
            new Retention(0, 3, 0, 0),
            "2025-12-31T01:00:00Z",
            "2026-01-01T01:00:00Z",
            "2026-03-09T01:00:00Z",
            "2026-03-20T01:00:00Z"));
  }

  @Test
  void weeksAreIsoWeeksAlsoAcrossTheYear() {
    // 2024-12-30 is a Monday and belongs to week 1 of 2025, as does Sunday 2025-01-05.
    assertEquals(
        "2025-01-06T00:00:00Z weekly, 2025-01-05T00:00:00Z weekly, 2024-12-29T00:00:00Z weekly",
        kept(
            new Retention(0, 0, 3, 0),
            "2024-12-29T00:00:00Z",
            "2024-12-30T00:00:00Z",
            "2025-01-01T00:00:00Z",
            "2025-01-05T00:00:00Z",
            "2025-01-06T00:00:00Z"));
  }

  @Test
  void rulesAreUnited() {
    assertEquals(
        "2026-03-31T04:00:00Z last weekly monthly, 2026-03-31T03:00:00Z last,"
            + " 2026-02-28T03:00:00Z monthly",
        kept(
            new Retention(2, 0, 1, 2),
            "2026-01-31T03:00:00Z",
            "2026-02-01T03:00:00Z",
            "2026-02-28T03:00:00Z",
            "2026-03-31T02:00:00Z",
            "2026-03-31T03:00:00Z",
            "2026-03-31T04:00:00Z"));
  }

  @Test
  void lastGoodOneStays() {
    List<Retention.Backup> backups = new ArrayList<>();
    backups.add(backup("2026-03-01T00:00:00Z", true));
    backups.add(backup("2026-03-02T00:00:00Z", true));
    backups.add(backup("2026-03-03T00:00:00Z", false));
    backups.add(backup("2026-03-04T00:00:00Z", false));
    assertEquals(
        "2026-03-04T00:00:00Z last, 2026-03-02T00:00:00Z last good",
        kept(new Retention(1, 0, 0, 0).decide(backups), false));
  }

  @Test
  void theLastOneWithContentStaysWhileNewerOnesHaveNone() {
    List<Retention.Backup> backups = new ArrayList<>();
    backups.add(backup("2026-03-01T00:00:00Z", true));
    backups.add(backup("2026-03-02T00:00:00Z", true));
    backups.add(backup("2026-03-03T00:00:00Z", false));
    backups.add(empty("2026-03-04T00:00:00Z"));
    backups.add(empty("2026-03-05T00:00:00Z"));
    assertEquals(
        "2026-03-05T00:00:00Z last last good, 2026-03-03T00:00:00Z last with content,"
            + " 2026-03-02T00:00:00Z last with content",
        kept(new Retention(1, 0, 0, 0).decide(backups), false));
    backups.add(backup("2026-03-06T00:00:00Z", true));
    assertEquals(
        "2026-03-06T00:00:00Z last last good",
        kept(new Retention(1, 0, 0, 0).decide(backups), false));
  }

  private static Retention.Backup empty(String time) {
    return new Retention.Backup(
        Path.of(time),
        Manifests.of(Manifests.identity(SOURCE), time, Instant.parse(time), 10, true, true));
  }

  @Test
  void aPlanChangesNothing() throws IOException {
    Instant time = Instant.parse("2026-03-01T00:00:00Z");
    make("b0", SOURCE, time, 10);
    make("b1", SOURCE, time.plusSeconds(1), 10);
    List<String> before = names();
    Retention.Outcome outcome =
        new Retention(2, 0, 0, 0)
            .plan(
                directory,
                Manifests.identity(SOURCE),
                new Retention.Backup(
                    directory.resolve("b2"),
                    Manifests.of(SOURCE, "b2", time.plusSeconds(2), 0, true)));
    assertEquals(List.of("b2", "b1"), names(outcome.kept()));
    assertEquals(List.of("b0"), names(outcome.deleted()));
    assertEquals(before, names());
  }

  /** One path on two machines, and the first format, which does not say on which. */
  @Test
  void onlyWhatHasTheSameIdentityIsCountedAndDeleted() throws IOException {
    Instant time = Instant.parse("2026-03-01T00:00:00Z");
    make("b0", SOURCE, time, 10);
    make("b1", SOURCE, time.plusSeconds(1), 10);
    int n = 0;
    for (Identity other :
        List.of(
            new Identity(null, "another", "host", SOURCE),
            new Identity("named", "0a1b", "host", SOURCE),
            new Identity(null, null, null, SOURCE))) {
      Path file = Files.writeString(directory.resolve("other" + n++), "0123456789");
      Manifests.of(other, file.getFileName() + "", time, 10, true, false).writeBeside(file);
    }
    Retention.Outcome outcome =
        new Retention(1, 0, 0, 0).apply(directory, Manifests.identity(SOURCE), null);
    assertEquals(List.of("b0"), names(outcome.deleted()));
    assertEquals(2, outcome.others());
    assertEquals(1, outcome.withoutIdentity());
    assertEquals(List.of(), outcome.warnings());
    assertEquals(8, names().size(), names().toString());
  }

  @Test
  void withoutARuleEverythingStays() {
    assertEquals(
        "2026-03-02T00:00:00Z no rule, 2026-03-01T00:00:00Z no rule",
        kept(Retention.NONE, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"));
    assertEquals(List.of(), new Retention(1, 1, 1, 1).decide(List.of()));
  }

  /**
   * Against a model of another shape: for each backup alone it is asked whether it is the last of
   * its period, and how many later periods have backups.
   */
  @Test
  void agreesWithTheModel() {
    Random random = new Random(20261124);
    for (int round = 0; round < 400; round++) {
      List<Retention.Backup> backups = new ArrayList<>();
      Instant time = Instant.parse("2026-12-20T00:00:00Z");
      for (int i = random.nextInt(40); i > 0; i--) {
        time =
            time.plus(random.nextInt(random.nextBoolean() ? 600 : 60_000) + 1, ChronoUnit.MINUTES);
        backups.add(backup(time.toString(), random.nextInt(4) > 0));
      }
      Retention policy =
          new Retention(
              random.nextInt(4), random.nextInt(5), random.nextInt(5), 1 + random.nextInt(4));
      Set<String> expected =
          backups.stream()
              .filter(b -> modelKeeps(policy, b, backups))
              .map(b -> b.manifest().createdAt().toString())
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> actual =
          policy.decide(backups).stream()
              .filter(Retention.Decision::keep)
              .map(d -> d.backup().manifest().createdAt().toString())
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(expected, actual, policy + " of " + backups);
    }
  }

  private static boolean modelKeeps(
      Retention policy, Retention.Backup backup, List<Retention.Backup> all) {
    Instant time = backup.manifest().createdAt();
    List<Instant> later =
        all.stream().map(b -> b.manifest().createdAt()).filter(t -> t.isAfter(time)).toList();
    boolean lastGood =
        backup.manifest().check().ok()
            ? all.stream()
                .noneMatch(b -> b.manifest().createdAt().isAfter(time) && b.manifest().check().ok())
            : later.isEmpty() && all.stream().noneMatch(b -> b.manifest().check().ok());
    return lastGood
        || later.size() < policy.last()
        || modelKeeps(policy.daily(), time, later, RetentionTest::startOfDay)
        || modelKeeps(policy.weekly(), time, later, RetentionTest::startOfWeek)
        || modelKeeps(policy.monthly(), time, later, t -> startOfDay(t).withDayOfMonth(1));
  }

  private static boolean modelKeeps(
      int periods,
      Instant time,
      List<Instant> later,
      java.util.function.Function<Instant, LocalDate> start) {
    List<LocalDate> laterStarts = later.stream().map(start).distinct().toList();
    return !laterStarts.contains(start.apply(time)) && laterStarts.size() < periods;
  }

  private static LocalDate startOfDay(Instant time) {
    return time.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  private static LocalDate startOfWeek(Instant time) {
    LocalDate day = startOfDay(time);
    return day.minusDays(day.getDayOfWeek().getValue() - 1L);
  }

  @Test
  void deletesOnlyWhatItsManifestDescribes() throws IOException {
    Instant time = Instant.parse("2026-03-01T00:00:00Z");
    for (int day = 0; day < 6; day++) {
      make("b" + day, SOURCE, time.plus(day, ChronoUnit.DAYS), 10);
    }
    make("other", "/srv/other.db", time, 10);
    make("grown", SOURCE, time, 11);
    make("renamed", SOURCE, time, 10);
    Files.move(directory.resolve("renamed.json"), directory.resolve("kept.json"));
    Files.writeString(directory.resolve("foreign.json"), "{}");
    Files.writeString(directory.resolve("b9"), "0123456789");
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("b9"));
    Manifests.of(SOURCE, "link", time, 10, true).writeBeside(directory.resolve("link"));
    Files.writeString(directory.resolve("b1-wal"), "");

    Retention.Outcome outcome =
        new Retention(2, 0, 0, 0)
            .apply(directory, Manifests.identity(SOURCE), directory.resolve("b2"));

    assertEquals(List.of("b5", "b4", "b2"), names(outcome.kept()));
    assertEquals(List.of("b0", "b3"), names(outcome.deleted()));
    assertEquals(1, outcome.others());
    assertEquals(2, outcome.warnings().size(), outcome.warnings().toString());
    assertTrue(outcome.warnings().get(0).contains("grown"), outcome.warnings().toString());
    assertTrue(outcome.warnings().get(1).contains("b1"), outcome.warnings().toString());
    assertEquals(
        List.of(
            "b1",
            "b1-wal",
            "b1.json",
            "b2",
            "b2.json",
            "b4",
            "b4.json",
            "b5",
            "b5.json",
            "b9",
            "foreign.json",
            "grown",
            "grown.json",
            "kept.json",
            "link",
            "link.json",
            "other",
            "other.json",
            "renamed"),
        names());
  }

  @Test
  void missingDirectoryIsAWarning() {
    Retention.Outcome outcome =
        new Retention(1, 0, 0, 0)
            .apply(directory.resolve("none"), Manifests.identity(SOURCE), null);
    assertEquals(1, outcome.warnings().size());
    assertEquals(List.of(), outcome.deleted());
  }

  private void make(String name, String source, Instant time, long bytes) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "0123456789");
    Manifests.of(source, name, time, bytes, true).writeBeside(file);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return names(files.toList()).stream().sorted().toList();
    }
  }

  private static List<String> names(List<Path> files) {
    return files.stream().map(file -> file.getFileName() + "").toList();
  }

  private static Retention.Backup backup(String time, boolean good) {
    return new Retention.Backup(
        Path.of(time), Manifests.of(SOURCE, time, Instant.parse(time), 10, good));
  }

  private static String kept(Retention policy, String... times) {
    List<Retention.Backup> backups = new ArrayList<>();
    for (String time : times) {
      backups.add(backup(time, true));
    }
    return kept(policy.decide(backups), true);
  }

  /** The newest is always the last good one; that is only shown where it matters. */
  private static String kept(List<Retention.Decision> decisions, boolean allGood) {
    return decisions.stream()
        .filter(Retention.Decision::keep)
        .map(
            d ->
                d.backup().manifest().createdAt()
                    + " "
                    + d.reasons().stream()
                        .filter(r -> !allGood || !r.equals("last good"))
                        .collect(Collectors.joining(" ")))
        .collect(Collectors.joining(", "));
  }
}
