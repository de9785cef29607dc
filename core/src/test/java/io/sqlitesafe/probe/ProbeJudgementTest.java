package io.sqlitesafe.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.mount.Advice;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.mount.Use;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProbeJudgementTest {
  private static final String WON = Race.WON;
  private static final String LOST = "FileAlreadyExists";

  private static Mount mount(String type) {
    return new Mount(type, "x", "rw", "/x");
  }

  private static ProbeResult report(String type, boolean elsewhere, Finding... findings) {
    return new ProbeResult(
        Path.of("/x"),
        mount(type),
        new ProbeResult.Other(1, "h", elsewhere, mount(type), null),
        List.of(findings),
        Duration.ZERO);
  }

  private static String advice(ProbeResult report) {
    return Stream.of(Use.values())
        .map(use -> report.verdict(use).advice().name().substring(0, 1))
        .collect(Collectors.joining());
  }

  private static Finding bad(Use... breaks) {
    return new Finding("a-check", Finding.State.BAD, "it failed", Map.of(), List.of(breaks));
  }

  @Test
  void twoWinnersOfOneRoundAreBad() {
    // Two racers here, one there; rounds one after the other.
    Finding good =
        RaceCheck.judge(Race.Kind.MKDIR, 2, List.of(WON, LOST, LOST, LOST), List.of(LOST, WON));
    assertEquals(Finding.State.GOOD, good.state(), good.text());
    assertEquals(Map.of("1", 2), good.data().get("roundsByWinners"));
    assertEquals(Map.of(LOST, 4), good.data().get("losers"));
    Finding bad =
        RaceCheck.judge(Race.Kind.MKDIR, 2, List.of(WON, LOST, LOST, LOST), List.of(WON, WON));
    assertEquals(Finding.State.BAD, bad.state());
    assertTrue(bad.text().startsWith("two or more winners in 1 of 2 rounds"), bad.text());
    assertFalse(report("ext4", true, bad).isSafe());
  }

  @Test
  void aRoundThatNobodyWonIsNotUnsafe() {
    Finding finding = RaceCheck.judge(Race.Kind.UNLINK, 1, List.of("Stale"), List.of("NoSuchFile"));
    assertEquals(Finding.State.GOOD, finding.state());
    assertTrue(finding.text().startsWith("no winner in 1 of 1 rounds"), finding.text());
  }

  @Test
  void lateIsBadOnlyWhereTheProtocolLooks() {
    VisibilityCheck.Seen atOnce = new VisibilityCheck.Seen(1, 3);
    VisibilityCheck.Seen late = new VisibilityCheck.Seen(200, 3000);
    VisibilityCheck.Seen never = new VisibilityCheck.Seen(0, -1);
    assertEquals(
        Finding.State.NOTED, VisibilityCheck.judge(Look.NEW_BY_STAT, atOnce, late, 9000).state());
    assertEquals(
        Finding.State.GOOD,
        VisibilityCheck.judge(Look.GONE_BY_CHECK, atOnce, atOnce, 9000).state());
    Finding gone = VisibilityCheck.judge(Look.GONE_BY_CHECK, atOnce, late, 9000);
    assertEquals(Finding.State.BAD, gone.state());
    assertEquals("at once here, after 3.0 s there", gone.text());
    assertEquals("RRRR", advice(report("ext4", true, gone)));
    Finding rewritten = VisibilityCheck.judge(Look.REWRITTEN, never, never, 9000);
    assertEquals("not within 9.0 s", rewritten.text());
    assertEquals("FFFR", advice(report("ext4", true, rewritten)));
  }

  @Test
  void lostCommitsAreBadAndAStarvedSideIsNot() {
    Commits.Done done = new Commits.Done(5, "");
    Commits.Done starved = new Commits.Done(0, "");
    Commits.Done refused = new Commits.Done(0, "locking protocol");
    Use use = Use.TRUSTED_WAL;
    assertEquals(Finding.State.GOOD, SqliteCheck.judge("c", use, done, starved, "").state());
    assertEquals(Finding.State.BAD, SqliteCheck.judge("c", use, done, done, "1 lost").state());
    Finding unable = SqliteCheck.judge("c", use, done, refused, "");
    assertEquals(Finding.State.BAD, unable.state());
    assertTrue(unable.text().contains("locking protocol"), unable.text());
    assertEquals(Finding.State.BAD, SqliteCheck.judge("c", use, starved, starved, "").state());
  }

  @Test
  void whatFailedIsRefusedAndTheTableKeepsItsWord() {
    assertEquals("FFFF", advice(report("ext4", false)));
    assertEquals("RRFF", advice(report("ext4", true, bad(Use.TRUSTED_ROLLBACK, Use.TRUSTED_WAL))));
    // What the table refuses stays refused, however well a short probe went.
    assertEquals("FRFF", advice(report("nfs4", true)));
    assertEquals("RRRR", advice(report("fuse.rclone", true)));
    // Nobody has tried it: a probe of two mounts settles it, one of a single mount does not.
    assertEquals("FRFF", advice(report("fuse.gocryptfs", true)));
    assertEquals("WRWW", advice(report("fuse.gocryptfs", false)));
    assertEquals("FRFF", advice(report("fuse.somefs", true)));
    assertEquals("RRRR", advice(report("fuse.somefs", false)));
  }

  @Test
  void theVerdictNamesItsEvidence() {
    ProbeResult.Verdict verdict = report("ext4", true, bad(Use.PUBLISH)).verdict(Use.PUBLISH);
    assertEquals(Advice.REFUSE, verdict.advice());
    assertEquals(List.of("a-check: it failed"), verdict.reasons());
    assertTrue(
        report("nfs4", false).verdict(Use.PUBLISH).reasons().toString().contains("not tried"));
  }

  @Test
  void wordsSurviveALine() {
    List<String> words = List.of("", "a\tb", "line\nbreak\r", "back\\slash", "ü");
    assertEquals(words, Words.ofLine(Words.toLine(words)));
    assertFalse(Words.toLine(words).contains("\n"));
  }
}
