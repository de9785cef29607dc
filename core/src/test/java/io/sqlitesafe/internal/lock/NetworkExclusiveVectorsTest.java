package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.lock.AccessMode;
import io.sqlitesafe.lock.BreakPolicy;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockTimes;
import io.sqlitesafe.lock.LockToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sequence vectors of protocol section 14 that belong to network-exclusive access: S8, S10 and
 * S11, each participant held and let go before numbered file operations.
 */
class NetworkExclusiveVectorsTest {
  @TempDir Path scratch;
  private LockLab lab;

  @BeforeEach
  void lab() throws Exception {
    lab = new LockLab(scratch);
    Files.createDirectory(lab.paths.readers());
    Files.writeString(lab.paths.database(), "old");
  }

  /** A database of one text. */
  private record Text(String text) implements ClaimContent {
    @Override
    public void writeTo(FileChannel claim) throws IOException {
      claim.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void dress(FileChannel claim, Path name) {}

    @Override
    public boolean isContentOf(Path file) throws IOException {
      return Files.readString(file).equals(text);
    }
  }

  private Participant<String> publisher(long pid, String text) {
    return new Participant<>(
        listener -> {
          try (DatabaseLock lock = lab.manager(pid, listener).acquire(LockLab.request())) {
            return String.valueOf(lock.publish(new Text(text)));
          }
        });
  }

  private Participant<HeldReaderLock> reader(long pid) {
    return new Participant<>(listener -> lab.manager(pid, listener).lockToRead(LockLab.request()));
  }

  private String database() throws IOException {
    return Files.readString(lab.paths.database());
  }

  private static void assertLost(Participant<?> participant) {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, participant::finish);
    assertEquals(ErrorKind.LOCK_LOST, e.kind());
  }

  private List<String> markers() throws IOException {
    return PlainFiles.list(lab.paths.readers());
  }

  @Test
  void aCommitIsTheRelease() throws Exception {
    try (Participant<String> t = publisher(10, "new")) {
      t.advanceTo(Step.PUBLISH_DATABASE);
      assertEquals("old", database());
      t.advanceTo(Step.SYNC_DIRECTORY);
      assertEquals("new", database());
      try (DatabaseLock u = lab.manager(11).acquire(LockLab.request())) {
        t.finish();
        assertTrue(u.isHeld(), "the end of a publication must not touch its successor");
      }
    }
    assertEquals(List.of("app.db.lock.readers"), lab.leftovers());
  }

  @Test
  void s8ABrokenOwnerCannotPublish() throws Exception {
    try (Participant<String> t = publisher(10, "of the broken one")) {
      t.advanceTo(Step.PUBLISH_DATABASE);
      breakHolder(11);
      assertLost(t);
    }
    assertEquals("old", database());
    assertEquals(List.of("app.db.lock.readers"), lab.leftovers());
  }

  @Test
  void s8NorOverItsSuccessor() throws Exception {
    try (Participant<String> t = publisher(10, "of the broken one")) {
      t.advanceTo(Step.PUBLISH_DATABASE);
      breakHolder(11);
      try (Participant<String> u = publisher(12, "of the successor")) {
        u.finish();
      }
      assertLost(t);
    }
    assertEquals("of the successor", database());
  }

  @Test
  void s8NorWhileItsSuccessorIsIn() throws Exception {
    try (Participant<String> t = publisher(10, "of the broken one")) {
      t.advanceTo(Step.FILL_CLAIM);
      breakHolder(11);
      try (DatabaseLock u = lab.manager(12).acquire(LockLab.request())) {
        assertLost(t);
        assertTrue(u.isHeld());
      }
    }
    assertEquals("old", database());
  }

  private void breakHolder(long pid) throws Exception {
    LockManager breaker = lab.manager(pid);
    LockToken token = breaker.inspect(LockTimes.DEFAULT).holder().orElseThrow().token();
    breaker.forceBreak(token, false);
  }

  /** The rename was done, its reply lost, and the request repeated. */
  @Test
  void aLostReplyOfThePublicationDoesNotMatter() throws Exception {
    try (Participant<String> t = publisher(10, "new")) {
      t.advanceTo(Step.PUBLISH_DATABASE);
      LockState.Held held = (LockState.Held) lab.directory().classify();
      Files.move(
          lab.paths.claim(held.token()), lab.paths.database(), StandardCopyOption.ATOMIC_MOVE);
      t.finish();
    }
    assertEquals("new", database());
    assertEquals(List.of("app.db.lock.readers"), lab.leftovers());
  }

  @Test
  void s10AReaderGivesWayToAWriter() throws Exception {
    try (Participant<HeldReaderLock> reader = reader(10);
        Participant<DatabaseLock> writer =
            new Participant<>(
                listener ->
                    lab.manager(11, listener).acquire(LockLab.request().withPatience(null)))) {
      reader.advanceTo(Step.SHARE_CONFIRM); // between R2 and R3
      writer.advanceTo(Step.DRAIN_LIST); // it owns the lock, and is about to look for readers
      reader.advanceTo(Step.SHARE_RELEASE);
      assertEquals(1, markers().size());
      reader.advanceTo(Step.SHARE_LOOK);
      assertEquals(List.of(), markers());
      writer.finish().close();
      HeldReaderLock lock = reader.finish();
      lock.ensureHeld();
      lock.close();
    }
    assertEquals(List.of(), markers());
  }

  @Test
  void aWriterWaitsForReadersAndKeepsNewOnesOut() throws Exception {
    try (HeldReaderLock in = lab.manager(10).lockToRead(LockLab.request());
        Participant<DatabaseLock> writer =
            new Participant<>(
                listener ->
                    lab.manager(11, listener).acquire(LockLab.request().withPatience(null)))) {
      writer.advanceTo(Step.DRAIN_LIST).advanceTo(Step.DRAIN_LIST);
      SqliteSafeException late =
          assertThrows(
              SqliteSafeException.class,
              () -> lab.manager(12).lockToRead(LockLab.request().withPatience(Duration.ZERO)));
      assertEquals(ErrorKind.LOCK_BUSY, late.kind());
      in.ensureHeld();
      in.close();
      writer.finish().close();
    }
    assertEquals(List.of("app.db.lock.readers"), lab.leftovers());
  }

  @Test
  void aWriterThatGivesUpNamesTheReaderAndLetsOthersIn() throws Exception {
    try (HeldReaderLock in = lab.manager(10).lockToRead(LockLab.request())) {
      SqliteSafeException busy =
          assertThrows(SqliteSafeException.class, () -> lab.manager(11).acquire(LockLab.request()));
      assertEquals(ErrorKind.LOCK_BUSY, busy.kind());
      assertEquals(in.token().hex(), busy.details().get("token"));
      assertTrue(String.valueOf(busy.getMessage()).contains("pid 10"), busy.getMessage());
      lab.manager(12).lockToRead(LockLab.request()).close();
      in.ensureHeld();
    }
    lab.manager(11).acquire(LockLab.request()).close();
  }

  @Test
  void s11ABrokenReaderDiscardsWhatItRead() throws Exception {
    HeldReaderLock reader = lab.manager(10).lockToRead(LockLab.request());
    lab.kill(10);
    try (Participant<String> writer = publisher(11, "new")) {
      writer.finish();
    }
    assertTrue(
        lab.clock.slept().compareTo(Duration.ofSeconds(22)) >= 0,
        "a dead reader is watched for the confirm time, but it was " + lab.clock.slept());
    SqliteSafeException e = assertThrows(SqliteSafeException.class, reader::ensureHeld);
    assertEquals(ErrorKind.LOCK_LOST, e.kind());
    reader.close();
    assertEquals(List.of(), markers());
  }

  @Test
  void aDeadReaderIsLeftAloneWhereNothingMayBeBroken() throws Exception {
    HeldReaderLock reader = lab.manager(10).lockToRead(LockLab.request());
    lab.kill(10);
    assertThrows(
        SqliteSafeException.class,
        () -> lab.manager(11).acquire(LockLab.request().withPolicy(BreakPolicy.NEVER)));
    reader.ensureHeld();
    reader.close();
  }

  @Test
  void aRevivedReaderDoesNotMakeItsMarkerAnew() throws Exception {
    HeldReaderLock reader = lab.manager(10).lockToRead(LockLab.request());
    lab.manager(11).forceBreak(reader.token(), false);
    reader.tick();
    assertEquals(List.of(), markers());
    assertThrows(SqliteSafeException.class, reader::ensureHeld);
    reader.close();
  }

  @Test
  void aHeartbeatKeepsAReaderFromBeingJudged() throws Exception {
    HeldReaderLock reader = lab.manager(10).lockToRead(LockLab.request());
    ReaderDirectory directory = new ReaderDirectory(lab.paths, step -> {}, false);
    ReaderDirectory.Marker before = directory.read(reader.token());
    lab.clock.suspend(Duration.ofSeconds(1));
    reader.tick();
    ReaderDirectory.Marker after = directory.read(reader.token());
    assertNotNull(after.content());
    assertFalse(before.equals(after));
    reader.ensureHeld();
    reader.close();
  }

  @Test
  void staleReadersAreBrokenOnRequest() throws Exception {
    HeldReaderLock dead = lab.manager(10).lockToRead(LockLab.request());
    HeldReaderLock living = lab.manager(12).lockToRead(LockLab.request());
    lab.kill(10);
    List<Holder> broken = lab.manager(11).breakStaleReaders(LockLab.request(), false);
    assertEquals(List.of(dead.token()), broken.stream().map(Holder::token).toList());
    living.ensureHeld();
    assertThrows(SqliteSafeException.class, dead::ensureHeld);
    living.close();
    dead.close();
  }

  /** A dead owner is not broken at once here: nothing but the claim keeps two writers apart. */
  @Test
  void aDeadOwnerIsWatchedForTheConfirmTime() throws Exception {
    lab.manager(10).acquire(LockLab.request());
    lab.kill(10);
    lab.manager(11).acquire(LockLab.request()).close();
    assertTrue(lab.clock.slept().compareTo(Duration.ofSeconds(22)) >= 0);
  }

  @Test
  void theImageOfABrokenOwnerIsTakenAway() throws Exception {
    DatabaseLock t = lab.manager(10).acquire(LockLab.request());
    Files.writeString(lab.paths.image(t.token()), "work");
    breakHolder(11);
    assertEquals(List.of("app.db.lock.readers"), lab.leftovers());
    t.close();
  }

  @Test
  void theModeMustNotChangeOnTheWay() throws Exception {
    Participant<DatabaseLock> writer =
        new Participant<>(listener -> lab.manager(10, listener).acquire(LockLab.request()));
    writer.advanceTo(Step.CLAIM);
    Files.delete(lab.paths.readers());
    try (DatabaseLock lock = writer.finish()) {
      assertEquals(AccessMode.TRUSTED, lock.access(), "it starts anew in the other mode");
    }
    assertEquals(List.of(), lab.leftovers());
  }
}
