package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockManager.BreakOutcome;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.LockRequest;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import io.sqlitesafe.lock.OwnerRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sequence vectors of protocol section 14, each participant held and let go before numbered
 * file operations. S6 and S7 need SQLite and are in {@code CommitCheckTest}; S8, S10 and S11 belong
 * to network-exclusive access.
 */
class SequenceVectorsTest {
  @TempDir Path scratch;
  private LockLab lab;

  @BeforeEach
  void lab() throws Exception {
    lab = new LockLab(scratch);
  }

  /** A lock whose owner's process is gone. */
  private DatabaseLock heldByTheDead(long pid) throws Exception {
    DatabaseLock lock = lab.manager(pid).acquire(LockLab.request());
    lab.kill(pid);
    return lock;
  }

  private Participant<BreakOutcome> breaker(long pid) {
    return new Participant<>(
        listener -> lab.manager(pid, listener).breakStale(LockLab.request(), false));
  }

  @Test
  void s1ASlowBreakerCannotRemoveALaterLock() throws Exception {
    DatabaseLock t = heldByTheDead(10);
    try (Participant<BreakOutcome> x = breaker(11);
        Participant<BreakOutcome> y = breaker(12)) {
      x.advanceTo(Step.BREAK);
      y.advanceTo(Step.BREAK);
      x.finish();
      try (DatabaseLock u = lab.manager(13).acquire(LockLab.request())) {
        y.finish();
        assertEquals(new LockState.Held(u.token()), lab.directory().classify());
        assertTrue(u.isHeld());
      }
    }
    assertFalse(t.isHeld());
  }

  @Test
  void s1ACleanerThatHitsALaterLockTakesOnlyWhatItsOwnerRestores() throws Exception {
    heldByTheDead(10);
    try (Participant<BreakOutcome> x = breaker(11)) {
      x.advanceTo(Step.CLEAN_FILE); // has listed a directory without a claim
      DatabaseLock u = lab.manager(13).acquire(LockLab.request());
      x.finish();
      assertEquals(
          List.of("claim." + u.token(), "owner.json"),
          lab.entries(),
          "a cleaner keeps to the directory that it has listed");
      u.tick();
      Files.delete(lab.paths.owner()); // as one that goes by names would
      Files.delete(lab.paths.heartbeat());
      u.tick();
      assertEquals(List.of("claim." + u.token(), "heartbeat", "owner.json"), lab.entries());
      assertEquals(u.token(), assertNotNull2(lab.directory().readOwner()).token());
      u.close();
    }
    assertEquals(List.of(), lab.leftovers());
  }

  private static OwnerRecord assertNotNull2(@org.jspecify.annotations.Nullable OwnerRecord record) {
    assertNotNull(record);
    return record;
  }

  @Test
  void s2AReservationThatIsTakenOverStaysUsable() throws Exception {
    try (Participant<DatabaseLock> t =
        new Participant<>(listener -> lab.manager(10, listener).acquire(LockLab.request()))) {
      t.advanceTo(Step.CLAIM); // between A2 and A3
      assertEquals(List.of(), lab.entries());
      DatabaseLock u = lab.manager(11).acquire(LockLab.request());
      t.advanceTo(Step.RESERVE); // its rename failed, its check said no, it tries again
      assertEquals(new LockState.Held(u.token()), lab.directory().classify());
      assertEquals(1, lab.leftovers().stream().filter(n -> n.contains(".lock.new.")).count());
      u.close();
      t.finish().close();
    }
    assertEquals(List.of(), lab.leftovers());
  }

  @Test
  void s3ALostReplyOfThePublicationDoesNotMatter() throws Exception {
    LockDirectory directory = lab.directory();
    LockToken t = LockLab.token('a');
    directory.prepare(t, lab.record(t, LockLab.process(10, "s")));
    directory.claim(t);
    directory.claim(t); // the client's retry: ENOENT
    assertTrue(directory.check(t));
  }

  @Test
  void s4AReservationWhoseReplyWasLostIsTakenOverAfterTheGrace() throws Exception {
    reserve();
    lab.manager(10).acquire(LockLab.request()).close();
    assertTrue(lab.clock.slept().compareTo(LockTimes.DEFAULT.emptyGrace()) >= 0);
    assertEquals(List.of(), lab.leftovers());
  }

  /** A2 whose maker does no more. */
  private void reserve() throws IOException {
    lab.directory().reserve();
    assertEquals(new LockState.Reserved(), lab.directory().classify());
  }

  @Test
  void s14AReservationThatWasTakenOverIsNoMoreItsMakers() throws Exception {
    try (Participant<DatabaseLock> t =
        new Participant<>(listener -> lab.manager(10, listener).acquire(LockLab.request()))) {
      t.advanceTo(Step.CLAIM); // between A2 and A3
      lab.manager(11).acquire(LockLab.request()).close();
      assertEquals(List.of(), lab.leftovers(), "X has removed the private directory of T");
      Files.createDirectory(lab.paths.lock()); // a locker of another make
      t.advanceTo(Step.PREPARE);
      assertEquals(new LockState.Other(OtherLock.EMPTY_DIRECTORY), lab.directory().classify());
      Files.delete(lab.paths.lock());
      t.finish().close();
    }
    assertEquals(List.of(), lab.leftovers());
  }

  /** Whoever cannot be evicted might still go on to A3. */
  @Test
  void aReservationIsNotTakenOverWhileAnotherMayStillUseIt() throws Exception {
    Path other = lab.paths.prepared(LockLab.token('c'));
    Files.createDirectories(other.resolve("owner.json/full"));
    reserve();
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> lab.manager(10).acquire(LockLab.request()));
    assertEquals(ErrorKind.LOCK_BUSY, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains(other.toString()), e.getMessage());
    assertEquals(new LockState.Reserved(), lab.directory().classify());
  }

  @Test
  void aReservationThatIsMadeAnewIsNotTakenOverInItsPlace() throws Exception {
    reserve();
    try (Participant<DatabaseLock> x =
        new Participant<>(listener -> lab.manager(11, listener).acquire(LockLab.request()))) {
      x.advanceTo(Step.EVICT); // has judged the first one
      Files.delete(lab.paths.lock());
      Files.createDirectory(scratch.resolve("takes the number of the first"));
      reserve();
      Duration before = lab.clock.slept();
      x.finish().close();
      assertTrue(
          lab.clock.slept().minus(before).compareTo(LockTimes.DEFAULT.emptyGrace()) >= 0,
          "the second one has its grace, too");
    }
  }

  @Test
  void s15AnotherProgramsLockIsWaitedForAndNeverTaken() throws Exception {
    for (boolean file : List.of(false, true)) {
      Path lock = lab.paths.lock();
      Path made = file ? Files.createFile(lock) : Files.createDirectory(lock);
      Duration before = lab.clock.slept();
      SqliteSafeException e =
          assertThrows(SqliteSafeException.class, () -> lab.manager(10).acquire(LockLab.request()));
      assertEquals(ErrorKind.LOCK_BUSY, e.kind());
      assertEquals(file ? "file" : "empty-directory", e.details().get("foreign"));
      assertTrue(lab.clock.slept().minus(before).compareTo(LockRequest.DEFAULT_WAIT) >= 0);
      try (Participant<DatabaseLock> x =
          new Participant<>(listener -> lab.manager(11, listener).acquire(LockLab.request()))) {
        x.advanceTo(Step.RESERVE).advanceTo(Step.RESERVE); // it waits now
        Files.delete(made);
        x.finish().close();
      }
      assertEquals(List.of(), lab.leftovers());
    }
  }

  /** Between any two of its steps a release can be killed. */
  @Test
  void aReleaseThatIsKilledAnywhereKeepsNobodyOut() throws Exception {
    int kills = 0;
    for (int step = 1; step <= 6; step++) {
      DatabaseLock t = null;
      int[] left = {Integer.MAX_VALUE};
      LockManager dying =
          lab.manager(
              10,
              s -> {
                if (--left[0] == 0) {
                  throw new IllegalStateException("killed before " + s);
                }
              });
      t = dying.acquire(LockLab.request());
      if (step > 3) {
        t.tick(); // now there is a heartbeat to be removed, too
      }
      left[0] = step > 3 ? step - 1 : step;
      try {
        t.close();
      } catch (IllegalStateException killed) {
        kills++;
      }
      lab.kill(10);
      Duration before = lab.clock.slept();
      lab.manager(11).acquire(LockLab.request()).close();
      assertEquals(before, lab.clock.slept(), "killed before step " + step);
      assertEquals(List.of(), lab.leftovers());
    }
    assertEquals(3 + 2, kills, "a release has three steps, and one more after a beat");
  }

  /** It has removed a later lock's files by name; that one is then killed within its release. */
  @Test
  void anEmptyDirectoryOfAKilledReleaseIsTidied() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    Files.delete(lab.paths.owner());
    lab.directory().mark(t.token());
    Files.delete(lab.paths.claim(t.token()));
    assertEquals(List.of(), lab.entries());
    lab.manager(11).acquire(LockLab.request()).close();
    assertEquals(Duration.ZERO, lab.clock.slept());
    assertEquals(List.of(), lab.leftovers());
  }

  /** Not its rmdir, however late, takes another program's directory away. */
  @Test
  void aSlowCleanerLeavesAnotherProgramsDirectory() throws Exception {
    heldByTheDead(10);
    try (Participant<BreakOutcome> x = breaker(11)) {
      x.advanceTo(Step.CLEAN_FILE);
      lab.manager(12).acquire(LockLab.request()).close();
      Files.createDirectory(lab.paths.lock());
      x.finish();
      assertEquals(List.of(), lab.entries());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anOwnerWritesAroundWhatIsNoFile() throws Exception {
    try (DatabaseLock t = lab.manager(10).acquire(LockLab.request())) {
      t.tick();
      for (Path file : List.of(lab.paths.heartbeat(), lab.paths.owner())) {
        Files.delete(file);
        assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
        t.tick();
        assertTrue(Files.isRegularFile(file), file.toString());
      }
      Path victim = Files.writeString(scratch.resolve("victim"), "mine");
      for (Path file : List.of(lab.paths.heartbeat(), lab.paths.owner())) {
        Files.delete(file);
        Files.createSymbolicLink(file, victim);
        t.tick();
        assertEquals("mine", Files.readString(victim));
        assertTrue(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS), file.toString());
      }
    }
  }

  @Test
  void s5ABreakerThatDiesBeforeCleaningKeepsNobodyWaiting() throws Exception {
    DatabaseLock t = heldByTheDead(10);
    try (Participant<BreakOutcome> x = breaker(11)) {
      x.advanceTo(Step.CLEAN_LIST);
    }
    assertEquals(List.of("owner.json"), lab.entries());
    lab.manager(12).acquire(LockLab.request()).close();
    assertEquals(Duration.ZERO, lab.clock.slept());
    assertFalse(t.isHeld());
  }

  @Test
  void s9ALateRecordOfABrokenOwnerProvesNothingAboutTheNext() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    LockBreaker.remove(lab.directory(), t.token());
    DatabaseLock u = lab.manager(11).acquire(LockLab.request());
    Files.write(lab.paths.owner(), lab.record(t.token(), LockLab.process(10, "start-10")).toJson());
    lab.kill(10);

    LockManager.Inspection seen = lab.manager(12).inspect(LockTimes.DEFAULT);
    assertTrue(seen.verdict() instanceof StaleJudge.Verdict.Held, seen.toString());
    u.ensureHeld();
    u.close();
  }

  @Test
  void s12ASleepThatNobodyNoticedCostsARecheckAndNothingElse() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    lab.clock.suspend(Duration.ofHours(1));
    t.ensureHeld();
    assertEquals(Duration.ofSeconds(2), lab.clock.slept());
    t.ensureHeld();
    assertEquals(Duration.ofSeconds(2), lab.clock.slept());
    t.close();
  }

  @Test
  void aSleepDuringWhichTheLockWasBrokenIsNoticed() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    lab.clock.suspend(Duration.ofHours(1));
    LockBreaker.remove(lab.directory(), t.token());
    SqliteSafeException e = assertThrows(SqliteSafeException.class, t::ensureHeld);
    assertEquals(ErrorKind.LOCK_LOST, e.kind());
    t.close();
  }

  @Test
  void aBrokenOwnerTouchesItsSuccessorNoMore() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    LockBreaker.remove(lab.directory(), t.token());
    DatabaseLock u = lab.manager(11).acquire(LockLab.request());
    List<String> before = lab.entries();
    assertFalse(t.isHeld());
    t.close();
    assertEquals(before, lab.entries());
    u.close();
  }

  @Test
  void onlyOneOfTwoIsLetIn() throws Exception {
    try (DatabaseLock t = lab.manager(10).acquire(LockLab.request())) {
      SqliteSafeException e =
          assertThrows(SqliteSafeException.class, () -> lab.manager(11).acquire(LockLab.request()));
      assertEquals(ErrorKind.LOCK_BUSY, e.kind());
      assertEquals(t.token().hex(), e.details().get("token"));
      assertTrue(String.valueOf(e.getMessage()).contains("pid 10"), e.getMessage());
      assertTrue(lab.clock.slept().compareTo(LockRequest.DEFAULT_WAIT) >= 0);
    }
    assertEquals(List.of(), lab.leftovers());
  }

  @Test
  void aLongWaitDoesNotMakeTheNewLockLookOld() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    try (Participant<DatabaseLock> x =
        new Participant<>(
            listener -> lab.manager(11, listener).acquire(LockLab.request().withPatience(null)))) {
      while (lab.clock.slept().toSeconds() < 6) {
        x.advanceTo(Step.RESERVE); // it waits
      }
      Path prepared =
          scratch.resolve(
              lab.leftovers().stream().filter(n -> n.contains(".new.")).findFirst().orElseThrow());
      Files.setLastModifiedTime(
          prepared.resolve("claim." + prepared.toString().replaceAll(".*new\\.", "")),
          java.nio.file.attribute.FileTime.fromMillis(0));
      t.close();
      DatabaseLock u = x.finish();
      LockManager.Inspection seen = lab.manager(12).inspect(LockTimes.DEFAULT);
      Duration age = seen.holder().orElseThrow().heartbeatAge();
      assertNotNull(age);
      assertTrue(age.toMinutes() < 60, "heartbeat age " + age);
      u.close();
    }
  }

  @Test
  void preparedDirectoriesOfTheDeadAreSwept() throws Exception {
    LockToken dead = LockLab.token('d');
    lab.directory().prepare(dead, lab.record(dead, LockLab.process(99, "s")));
    LockToken living = LockLab.token('e');
    lab.alive(98, "s");
    lab.directory().prepare(living, lab.record(living, LockLab.process(98, "s")));
    new Leftovers(lab.directory(), lab.processes(LockLab.process(10, "s"))).sweep();
    assertEquals(List.of("app.db.lock.new." + living), lab.leftovers());
  }

  private LockObserver observer(long pid) throws Exception {
    return new LockObserver(
        lab.directory(),
        lab.processes(LockLab.process(pid, "s")),
        AccessMode.TRUSTED,
        LockTimes.DEFAULT,
        lab.clock);
  }

  private void nameWorker(DatabaseLock t, long owner) throws Exception {
    lab.alive(77, "w");
    OwnerRecord record = lab.record(t.token(), LockLab.process(owner, "start-" + owner));
    Files.write(lab.paths.owner(), record.withWorker(new OwnerRecord.Worker(77, "w")).toJson());
  }

  @Test
  void s13AWorkerThatIsNamedBetweenLookAndBreakKeepsTheLock() throws Exception {
    DatabaseLock t = heldByTheDead(10);
    LockObserver x = observer(11);
    LockObserver.Sight judged = x.look();
    assertEquals(new StaleJudge.Verdict.Stale(t.token(), Evidence.DEAD), judged.verdict());
    nameWorker(t, 10);
    assertFalse(LockBreaker.breakStale(lab.directory(), x, judged));
    assertTrue(t.isHeld());
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> lab.manager(12).acquire(LockLab.request()));
    assertEquals(77L, e.details().get("worker"));
    assertThrows(
        SqliteSafeException.class, () -> lab.manager(12).breakStale(LockLab.request(), false));
    lab.kill(77);
    lab.manager(12).acquire(LockLab.request()).close();
  }

  /** Its record is read before its process is looked for; a pipe holds the look up in between. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void s13AWorkerThatIsNamedWithinOneLookKeepsTheLock() throws Exception {
    DatabaseLock t = heldByTheDead(10);
    LockObserver x = observer(11);
    Path own = Files.createDirectories(scratch.resolve("proc/11"));
    Path status = own.resolve("status");
    assertEquals(0, new ProcessBuilder("mkfifo", status.toString()).start().waitFor());
    FutureTask<LockObserver.Sight> look = new FutureTask<>(x::look);
    Thread thread = new Thread(look, "look");
    thread.setDaemon(true);
    thread.start();
    try (OutputStream pipe = Files.newOutputStream(status)) { // opens once it is being read
      nameWorker(t, 10);
      pipe.write("Name:\tx\nNSpid:\t11\n".getBytes(StandardCharsets.US_ASCII));
    }
    assertTrue(look.get(30, TimeUnit.SECONDS).verdict() instanceof StaleJudge.Verdict.Held);
  }

  @Test
  void aDeclaredWorkerStaysInTheRecord() throws Exception {
    try (DatabaseLock t = lab.manager(10).acquire(LockLab.request())) {
      t.declareWorker(ProcessHandle.current().pid());
      OwnerRecord.Worker worker = assertNotNull2(lab.directory().readOwner()).worker();
      assertNotNull(worker);
      assertEquals(ProcessHandle.current().pid(), worker.pid());
      Files.delete(lab.paths.owner()); // a slow cleaner
      t.tick();
      assertEquals(worker, assertNotNull2(lab.directory().readOwner()).worker());

      Files.delete(lab.paths.owner());
      Files.createFile(Files.createDirectory(lab.paths.owner()).resolve("x"));
      assertEquals(
          ErrorKind.FAILED,
          assertThrows(SqliteSafeException.class, () -> t.declareWorker(1)).kind());
    }
  }

  /** Vector 21. A folder with something in it is to unlink what a silly name is on NFS: refused. */
  @Test
  void aStrangersOpenFileKeepsNobodyOut() throws Exception {
    Path busy = Files.createDirectories(lab.paths.lock().resolve(".nfs0001"));
    Files.createFile(busy.resolve("open"));
    lab.manager(10).acquire(LockLab.request()).close();
    assertEquals(Duration.ZERO, lab.clock.slept());
    assertEquals(1, lab.leftovers().size(), lab.leftovers()::toString);
    Path aside = scratch.resolve(lab.leftovers().get(0));
    assertTrue(Files.exists(aside.resolve(".nfs0001").resolve("open")), "moved, not destroyed");

    Files.delete(aside.resolve(".nfs0001").resolve("open")); // the stranger closes it
    new Leftovers(lab.directory(), lab.processes(LockLab.process(10, "s"))).sweep();
    assertEquals(List.of(), lab.leftovers());
  }

  /**
   * Who has no patience waits for one hand-over of an owner that keeps the lock; and only of such.
   */
  @Test
  void withoutPatienceAKeptLockIsWaitedForOnce() throws Exception {
    LockRequest impatient = LockLab.request().withPatience(Duration.ZERO);
    DatabaseLock t = lab.manager(10).acquire(LockLab.request(), true);
    assertTrue(assertNotNull2(lab.directory().readOwner()).keeps());
    try (Participant<DatabaseLock> x =
        new Participant<>(listener -> lab.manager(11, listener).acquire(impatient))) {
      x.advanceTo(Step.RESERVE).advanceTo(Step.RESERVE);
      t.close();
      x.finish().close();
    }
    DatabaseLock held = lab.manager(10).acquire(LockLab.request(), true);
    Duration before = lab.clock.slept();
    assertThrows(SqliteSafeException.class, () -> lab.manager(11).acquire(impatient));
    assertTrue(lab.clock.slept().minus(before).toMillis() >= 1000, "as long as one may take");
    held.close();

    DatabaseLock plain = lab.manager(10).acquire(LockLab.request());
    before = lab.clock.slept();
    assertThrows(SqliteSafeException.class, () -> lab.manager(11).acquire(impatient));
    assertEquals(before, lab.clock.slept());
    plain.close();
    assertEquals(List.of(), lab.leftovers());
  }

  @Test
  void whoWaitsShowsItAndGoesWithoutATrace() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    assertFalse(lab.manager(12).isAwaited());
    try (Participant<DatabaseLock> x =
        new Participant<>(
            listener -> lab.manager(11, listener).acquire(LockLab.request().withPatience(null)))) {
      for (int i = 0; i < 10 && !lab.manager(12).isAwaited(); i++) {
        x.advanceTo(Step.RESERVE);
      }
      assertTrue(lab.manager(12).isAwaited());
      assertEquals(
          11,
          java.util.Objects.requireNonNull(lab.manager(12).waiters().get(0).record())
              .process()
              .pid());
      lab.kill(11);
      assertFalse(lab.manager(12).isAwaited(), "a dead one does not count");
      lab.alive(11, "start-11");
      t.close();
      x.finish().close();
    }
    assertEquals(List.of(), lab.leftovers());
  }

  /** Not by looking again: with the next look in an hour the test would hang. */
  @Test
  void aReleaseWakes() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    try (ReleaseWatch watch = ReleaseWatch.of(lab.paths)) {
      assertNotNull(watch);
      FutureTask<Void> waits =
          new FutureTask<>(() -> watch.await(Duration.ofHours(1), new Cancellation()), null);
      Thread thread = new Thread(waits, "waits");
      thread.setDaemon(true);
      thread.start();
      Files.createFile(lab.paths.sibling("-other"));
      Files.delete(lab.paths.sibling("-other"));
      t.close();
      waits.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void aRequestToStopEndsTheWatch() throws Exception {
    Cancellation cancellation = new Cancellation();
    try (ReleaseWatch watch = ReleaseWatch.of(lab.paths)) {
      assertNotNull(watch);
      FutureTask<Void> waits =
          new FutureTask<>(() -> watch.await(Duration.ofHours(1), cancellation), null);
      Thread thread = new Thread(waits, "waits");
      thread.setDaemon(true);
      thread.start();
      cancellation.request(ErrorKind.INTERRUPTED);
      java.util.concurrent.ExecutionException e =
          assertThrows(
              java.util.concurrent.ExecutionException.class, () -> waits.get(30, TimeUnit.SECONDS));
      assertTrue(e.getCause() instanceof SqliteSafeException, e::toString);
    }
  }
}
