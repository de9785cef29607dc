package io.sqlitesafe.internal.lock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.Life;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import io.sqlitesafe.lock.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of judgement vectors in section 14 of the protocol, on real directories. */
class JudgementVectorsTest {
  private static final LockToken T = LockLab.token('a');
  private static final LockToken U = LockLab.token('b');
  private static final String CLAIM_T = "claim." + T;
  private static final String CLAIM_U = "claim." + U;
  private static final String OWNER = "owner.json";
  private static final String HEARTBEAT = "heartbeat";

  /** No entry, but permissions of the directory. */
  private static final String NO_WRITE = "/r-xr-x---";

  private static final String MARKED = "/rwxr-xrw-";

  /** Who the record says the owner is. */
  private enum Owner {
    NONE,
    ALIVE,
    ABSENT,
    OTHER_START,
    NOT_OURS_TO_SEE,
    OTHER_NAMESPACE,
    OTHER_HOST,
    REBOOTED,
    OTHER_HOST_PATIENT,
    OTHER_PROTOCOL
  }

  private record Vector(
      int number,
      @Nullable List<String> entries,
      Owner owner,
      @Nullable Integer age,
      int quiet,
      String expected,
      AccessMode access) {
    Vector(
        int number,
        @Nullable List<String> entries,
        Owner owner,
        @Nullable Integer age,
        int quiet,
        String expected) {
      this(number, entries, owner, age, quiet, expected, AccessMode.TRUSTED);
    }

    Vector inNetworkExclusive(int time, String verdict) {
      return new Vector(number, entries, owner, age, time, verdict, AccessMode.NETWORK_EXCLUSIVE);
    }

    @Override
    public String toString() {
      return number + " " + expected + (access == AccessMode.TRUSTED ? "" : " " + access.id());
    }
  }

  private static final List<String> FULL = List.of(CLAIM_T, OWNER, HEARTBEAT);

  static Stream<Vector> vectors() {
    return Stream.of(
        new Vector(1, null, Owner.NONE, null, 0, "Free"),
        new Vector(2, List.of(NO_WRITE), Owner.NONE, null, 5, "Reserved wait"),
        new Vector(3, List.of(NO_WRITE), Owner.NONE, null, 121, "Reserved take over"),
        new Vector(30, List.of(), Owner.NONE, null, 9999, "Other EMPTY_DIRECTORY"),
        new Vector(31, List.of(MARKED), Owner.NONE, null, 0, "CleanNow"),
        new Vector(4, List.of(OWNER, HEARTBEAT), Owner.ALIVE, 1, 0, "CleanNow"),
        new Vector(5, FULL, Owner.ALIVE, 500, 0, "Held"),
        new Vector(6, FULL, Owner.ABSENT, 1, 0, "Stale DEAD"),
        new Vector(7, FULL, Owner.OTHER_START, 1, 0, "Stale DEAD"),
        new Vector(8, FULL, Owner.NOT_OURS_TO_SEE, 1, 0, "Held"),
        new Vector(9, FULL, Owner.OTHER_NAMESPACE, 1, 0, "Held"),
        new Vector(10, FULL, Owner.OTHER_HOST, 1, 60, "Held"),
        new Vector(11, FULL, Owner.OTHER_HOST, 130, 10, "Held"),
        new Vector(12, FULL, Owner.OTHER_HOST, 130, 23, "Stale OLD"),
        new Vector(13, FULL, Owner.OTHER_HOST, -3600, 121, "Stale FUTURE"),
        new Vector(14, FULL, Owner.REBOOTED, 3, 23, "Stale REBOOT"),
        new Vector(15, List.of(CLAIM_U, OWNER, HEARTBEAT), Owner.ABSENT, 1, 0, "Held"),
        new Vector(16, List.of(CLAIM_U), Owner.NONE, null, 119, "Held"),
        new Vector(17, FULL, Owner.OTHER_HOST_PATIENT, 300, 121, "Held"),
        new Vector(18, FULL, Owner.OTHER_PROTOCOL, 900, 900, "Held for ever"),
        new Vector(19, List.of(CLAIM_T, CLAIM_U), Owner.NONE, null, 0, "Foreign"),
        new Vector(20, List.of("notes.txt"), Owner.NONE, null, 0, "Foreign"),
        new Vector(21, List.of(".nfs0001"), Owner.NONE, null, 0, "CleanNow"));
  }

  private static Vector vector(int number) {
    return vectors().filter(vector -> vector.number == number).findFirst().orElseThrow();
  }

  /** The other column of section 6: the same sights, judged more slowly. */
  static Stream<Vector> networkExclusiveVectors() {
    return Stream.of(
        vector(4).inNetworkExclusive(0, "CleanNow"),
        vector(5).inNetworkExclusive(0, "Held"),
        vector(6).inNetworkExclusive(0, "Held"),
        vector(6).inNetworkExclusive(21, "Held"),
        vector(6).inNetworkExclusive(22, "Stale DEAD"),
        vector(7).inNetworkExclusive(22, "Stale DEAD"),
        vector(9).inNetworkExclusive(22, "Held"),
        vector(12).inNetworkExclusive(23, "Held"),
        vector(12).inNetworkExclusive(120, "Stale OLD"),
        vector(13).inNetworkExclusive(119, "Held"),
        vector(13).inNetworkExclusive(121, "Stale FUTURE"),
        vector(14).inNetworkExclusive(23, "Held"),
        vector(14).inNetworkExclusive(120, "Stale REBOOT"),
        vector(16).inNetworkExclusive(119, "Held"),
        vector(17).inNetworkExclusive(121, "Held"),
        vector(18).inNetworkExclusive(900, "Held for ever"),
        vector(19).inNetworkExclusive(0, "Foreign"));
  }

  @ParameterizedTest
  @MethodSource({"vectors", "networkExclusiveVectors"})
  void judges(Vector vector, @TempDir Path scratch) throws IOException {
    LockLab lab = new LockLab(scratch);
    LockState state = build(lab, vector);
    OwnerRecord record = lab.directory().readOwner();
    boolean speaks =
        state instanceof LockState.Held held && record != null && record.speaksFor(held.token());
    StaleJudge.Observation seen =
        new StaleJudge.Observation(
            state,
            speaks ? record : null,
            speaks && record != null ? life(lab, vector, record) : Life.UNKNOWN,
            vector.age == null ? null : Duration.ofSeconds(vector.age),
            Duration.ofSeconds(vector.quiet));

    assertEquals(
        vector.expected, text(new StaleJudge(LockTimes.DEFAULT, vector.access).judge(seen)));
  }

  /** Vector 22. */
  @org.junit.jupiter.api.Test
  void aFileInPlaceOfTheDirectoryIsAnotherProgramsLock(@TempDir Path scratch) throws IOException {
    LockLab lab = new LockLab(scratch);
    Files.writeString(lab.paths.lock(), "");
    assertEquals(new LockState.Other(OtherLock.FILE), lab.directory().classify());
  }

  private static void pipe(Path path) throws Exception {
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
  }

  @org.junit.jupiter.api.Test
  @EnabledOnOs(OS.LINUX)
  void aPipeInPlaceOfAnythingIsForeign(@TempDir Path scratch) throws Exception {
    LockLab lab = new LockLab(scratch);
    pipe(lab.paths.lock());
    assertEquals(new LockState.Foreign("it is not a directory"), lab.directory().classify());
    Files.delete(lab.paths.lock());
    for (String name : List.of(CLAIM_T, OWNER, HEARTBEAT)) {
      Files.createDirectory(lab.paths.lock());
      Files.createFile(lab.paths.lock().resolve("claim." + T));
      Files.deleteIfExists(lab.paths.lock().resolve(name));
      pipe(lab.paths.lock().resolve(name));
      assertEquals(
          new LockState.Foreign("it holds something that is no file: " + name),
          lab.directory().classify());
      assertEquals(!name.equals(CLAIM_T), lab.directory().check(T), "own claim: gone if it is one");
      Files.deleteIfExists(lab.paths.lock().resolve(name));
      Files.deleteIfExists(lab.paths.lock().resolve(CLAIM_T));
      Files.delete(lab.paths.lock());
    }
  }

  /** After a power cut the record may be empty; the name of the claim is not. */
  @org.junit.jupiter.api.Test
  void theTokenAloneTellsOfAnEarlierBoot(@TempDir Path scratch) throws IOException {
    LockLab lab = new LockLab(scratch);
    ProcessIdentity now = identity("0123456789abcdef", "aaaa1111-0000");
    LockToken before = LockToken.of(identity("0123456789abcdef", "bbbb2222-0000"));
    assertTrue(before.hex().startsWith("01234567bbbb"), before.hex());
    assertEquals(Life.REBOOTED, lab.processes(now).lifeByToken(before));
    assertEquals(Life.UNKNOWN, lab.processes(now).lifeByToken(LockToken.of(now)), "this boot");
    LockToken others = LockToken.of(identity("fedcba9876543210", "bbbb2222-0000"));
    assertEquals(Life.UNKNOWN, lab.processes(now).lifeByToken(others), "another machine");

    Files.createDirectory(lab.paths.lock());
    Files.createFile(lab.paths.claim(before));
    Files.createFile(lab.paths.owner());
    LockObserver.Sight seen =
        new LockObserver(
                lab.directory(),
                lab.processes(now),
                AccessMode.TRUSTED,
                LockTimes.DEFAULT,
                lab.clock)
            .look();
    assertTrue(
        seen.verdict() instanceof StaleJudge.Verdict.Held held
            && held.evidence() == Evidence.REBOOT
            && Duration.ofSeconds(22).equals(held.missing()),
        seen::toString);
  }

  private static ProcessIdentity identity(String machine, String boot) {
    return new ProcessIdentity(7, "host", "me", boot, "pid:[1]", null, machine);
  }

  /** Until the first beat the claim stands in for the heartbeat. */
  @org.junit.jupiter.api.Test
  void theClaimTellsTheAgeWhereThereIsNoHeartbeat(@TempDir Path scratch) throws IOException {
    LockLab lab = new LockLab(scratch);
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    assertEquals(List.of("claim." + t.token(), "owner.json"), lab.entries());
    Files.setLastModifiedTime(
        lab.paths.claim(t.token()),
        java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() - 600_000));
    LockManager.Inspection seen = lab.manager(11).inspect(LockTimes.DEFAULT);
    Duration age = seen.holder().orElseThrow().heartbeatAge();
    assertTrue(age != null && age.toSeconds() >= 590, () -> "age " + age);
    t.close();
  }

  /** What a later version writes into the record and heartbeat of an owner that keeps the lock. */
  @org.junit.jupiter.api.Test
  void anOwnerThatKeepsTheLockIsHeld(@TempDir Path scratch) throws IOException {
    LockLab lab = new LockLab(scratch);
    Files.createDirectory(lab.paths.lock());
    Files.createDirectory(lab.paths.sibling(".lock.waiters"));
    Files.createFile(lab.paths.sibling(".lock.waiters").resolve("w." + U));
    Files.createFile(lab.paths.lock().resolve(CLAIM_T));
    Files.writeString(lab.paths.heartbeat(), T + " 7 kept\n");
    String record = new String(lab.record(T, LockLab.process(1, "100")).toJson(), UTF_8);
    Files.writeString(lab.paths.owner(), record.replaceFirst("\\{", "{\"keeps\":true,"));
    LockObserver.Sight seen =
        new LockObserver(
                lab.directory(),
                lab.processes(LockLab.process(7, "me")),
                AccessMode.TRUSTED,
                LockTimes.DEFAULT,
                lab.clock)
            .look();
    assertEquals(Life.ALIVE, seen.seen().life());
    assertEquals("Held", text(seen.verdict()));
  }

  @org.junit.jupiter.api.Test
  void aSymbolicLinkInPlaceOfTheDirectoryIsForeign(@TempDir Path scratch) throws IOException {
    LockLab lab = new LockLab(scratch);
    Files.createSymbolicLink(lab.paths.lock(), scratch.resolve("nowhere"));
    assertEquals(new LockState.Foreign("it is a symbolic link"), lab.directory().classify());
  }

  private static LockState build(LockLab lab, Vector vector) throws IOException {
    if (vector.entries != null) {
      Files.createDirectory(lab.paths.lock());
      for (String name : vector.entries) {
        if (name.startsWith("/")) {
          Files.setPosixFilePermissions(
              lab.paths.lock(), PosixFilePermissions.fromString(name.substring(1)));
          continue;
        }
        byte[] content = name.equals(OWNER) ? recordOf(lab, vector.owner).toJson() : new byte[0];
        Files.write(lab.paths.lock().resolve(name), content);
      }
    }
    return lab.directory().classify();
  }

  private static OwnerRecord recordOf(LockLab lab, Owner owner) {
    ProcessIdentity here = LockLab.process(42, "s");
    return switch (owner) {
      case OTHER_NAMESPACE ->
          lab.record(
              T,
              new ProcessIdentity(
                  42, "host", "s", LockLab.BOOT, "pid:[2]", LockLab.TIME, "machine"));
      case OTHER_HOST -> lab.record(T, otherHost());
      case OTHER_HOST_PATIENT ->
          lab.record(T, otherHost(), OwnerRecord.PROTOCOL, Duration.ofSeconds(600));
      case REBOOTED ->
          lab.record(
              T,
              new ProcessIdentity(
                  42, "host", "s", "boot-0", LockLab.NAMESPACE, LockLab.TIME, "machine"));
      case OTHER_PROTOCOL ->
          lab.record(T, here, "sqlite-session-safe.lock.v2", Duration.ofSeconds(120));
      default -> lab.record(T, here);
    };
  }

  private static ProcessIdentity otherHost() {
    return new ProcessIdentity(
        42, "other", "s", "boot-x", "pid:[1]", LockLab.TIME, "other-machine");
  }

  private static Life life(LockLab lab, Vector vector, OwnerRecord record) throws IOException {
    switch (vector.owner) {
      case ALIVE -> lab.alive(42, "s");
      case OTHER_START -> lab.alive(42, "later");
      case NOT_OURS_TO_SEE -> {
        // What hidepid=2 shows: not even pid 1 can be seen.
        lab.kill(1);
      }
      default -> {}
    }
    return lab.processes(LockLab.process(7, "me")).lifeOf(record);
  }

  private static String text(StaleJudge.Verdict verdict) {
    if (verdict instanceof StaleJudge.Verdict.Stale stale) {
      return "Stale " + stale.evidence();
    }
    if (verdict instanceof StaleJudge.Verdict.Reserved reserved) {
      return "Reserved " + (reserved.missing().isZero() ? "take over" : "wait");
    }
    if (verdict instanceof StaleJudge.Verdict.Other other) {
      return "Other " + other.kind();
    }
    if (verdict instanceof StaleJudge.Verdict.Held held) {
      return held.missing() == null ? "Held for ever" : "Held";
    }
    return verdict.getClass().getSimpleName();
  }
}
