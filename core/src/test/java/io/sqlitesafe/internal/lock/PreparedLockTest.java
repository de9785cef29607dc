package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.internal.fs.UserIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Rights are given to the directory that was opened, and to nothing that took its name. */
@DisabledOnOs(OS.WINDOWS)
class PreparedLockTest {
  private static final PreparedLock.Content FILE =
      new PreparedLock.Content("owner.json", new byte[] {'x'}, false);

  @TempDir Path scratch;
  private LockLab lab;
  private Path prepared;

  @BeforeEach
  void lab() throws Exception {
    lab = new LockLab(scratch);
    Files.setPosixFilePermissions(
        lab.paths.database(), PosixFilePermissions.fromString("rw-rw-rw-"));
    prepared = lab.paths.prepared(LockLab.token('a'));
  }

  private Rights wanted() {
    Rights rights = Rights.of(lab.paths.database());
    assertNotNull(rights);
    return rights.ofDirectory();
  }

  private static String mode(Path path) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
    return PosixFilePermissions.toString(permissions);
  }

  @Test
  void theDirectoryAndItsFilesGetThem() throws Exception {
    PreparedLock.make(lab.paths, prepared, FILE);
    assertEquals("rwxrwxrwx", mode(prepared));
    assertEquals("rw-rw-rw-", mode(prepared.resolve("owner.json")));
  }

  @Test
  void aLinkThatTookItsPlaceLeadsNowhere() throws Exception {
    Path victim = Files.createDirectory(scratch.resolve("victim"));
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(prepared, victim);
    assertThrows(IOException.class, () -> PreparedLock.handOver(prepared, wanted(), FILE));
    assertEquals("rwx------", mode(victim));
    assertTrue(PlainFiles.list(victim).isEmpty());
  }

  @Test
  void aLinkInPlaceOfAFileIsNotFollowed() throws Exception {
    Path victim = Files.writeString(scratch.resolve("victim"), "mine");
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-------"));
    Files.createDirectory(prepared);
    Files.createSymbolicLink(prepared.resolve("owner.json"), victim);
    assertThrows(IOException.class, () -> PreparedLock.handOver(prepared, wanted(), FILE));
    assertEquals("mine", Files.readString(victim));
    assertEquals("rw-------", mode(victim));
  }

  /** Such as a folder of root's in a user's directory, which the user may rename. */
  @Test
  void aDirectoryInUseIsNotGivenAway() throws Exception {
    Path used = Files.createDirectory(scratch.resolve("used"));
    Files.writeString(used.resolve("secret"), "mine");
    Files.setPosixFilePermissions(used, PosixFilePermissions.fromString("rwxr-x---"));
    Files.move(used, prepared);
    assertThrows(IOException.class, () -> PreparedLock.handOver(prepared, wanted(), FILE));
    assertEquals("rwxr-x---", mode(prepared));
    assertEquals(List.of("secret"), PlainFiles.list(prepared));
  }

  /** There its owner can put a hard link to a file of root's in place of one just made. */
  @Test
  void inADirectoryOfAnothersNoFileIsGivenAway() throws Exception {
    assumeTrue(UserIds.self() == UserIds.ROOT, "needs root");
    Files.setAttribute(lab.paths.database(), "unix:uid", 65534);
    Files.createDirectory(prepared);
    Files.setAttribute(prepared, "unix:uid", 65533);
    PreparedLock.handOver(prepared, wanted(), FILE);
    assertEquals(UserIds.ROOT, UserIds.ownerOf(prepared.resolve("owner.json")));
  }

  /** By somebody who may rename in the database's directory, at each moment of a hundred locks. */
  @Test
  void whoeverExchangesItMeanwhileGainsNothing() throws Exception {
    Path victim = Files.createDirectory(scratch.resolve("victim"));
    Files.createFile(victim.resolve("claim.1"));
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxrwxrwx"));
    AtomicInteger made = new AtomicInteger();
    AtomicInteger exchanged = new AtomicInteger();
    AtomicBoolean end = new AtomicBoolean();
    Thread attacker = new Thread(() -> exchange(victim, exchanged, end));
    attacker.start();
    try {
      assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () -> {
            while (exchanged.get() < 100 || made.get() < 100) {
              makeOrFail(made);
            }
          });
    } finally {
      end.set(true);
      attacker.join();
    }
    assertEquals("rwx------", mode(victim));
    assertEquals(List.of("claim.1"), PlainFiles.list(victim));
  }

  private void makeOrFail(AtomicInteger made) {
    try {
      PreparedLock.make(lab.paths, prepared, FILE);
      made.incrementAndGet();
    } catch (IOException exchanged) {
      // as it should be
    }
    PreparedLock.discard(prepared);
  }

  private void exchange(Path victim, AtomicInteger exchanged, AtomicBoolean end) {
    Path aside = scratch.resolve("aside");
    while (!end.get()) {
      try {
        Files.move(prepared, aside);
        Files.createSymbolicLink(prepared, victim);
        exchanged.incrementAndGet();
      } catch (IOException notThereYet) {
        // once more
      }
      PreparedLock.discard(aside);
      PlainFiles.deleteQuietly(aside);
      if (Files.isSymbolicLink(prepared)) {
        PlainFiles.deleteQuietly(prepared);
      }
    }
  }

  /** Readers come as soon as their directory is there. */
  @Test
  void aSharedDirectoryMayBeInUseByOthers() throws Exception {
    Files.createDirectory(prepared);
    Files.createFile(prepared.resolve("r.1"));
    PreparedLock.handOverShared(prepared, wanted(), "r.");
    assertEquals("rwxrwxrwx", mode(prepared));
    Files.createFile(prepared.resolve("secret"));
    assertThrows(IOException.class, () -> PreparedLock.handOverShared(prepared, wanted(), "r."));
  }

  /** As if it had been stopped between making the directory and filling it. */
  @Test
  void whoIsEvictedWhilePreparingBeginsAnew() throws Exception {
    Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxrwxrwx"));
    AtomicInteger evicted = new AtomicInteger();
    AtomicBoolean end = new AtomicBoolean();
    Thread evictor = new Thread(() -> evictTwice(evicted, end));
    evictor.start();
    try {
      assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () -> {
            while (evicted.get() < 2) {
              lab.manager(10).acquire(LockLab.request()).close();
            }
          });
    } finally {
      end.set(true);
      evictor.join();
    }
    assertTrue(lab.leftovers().isEmpty(), lab.leftovers()::toString);
  }

  /** One that is empty can be removed; all that are done with are not. */
  private void evictTwice(AtomicInteger evicted, AtomicBoolean end) {
    String prefix = String.valueOf(prepared.getFileName()).replaceFirst("a{32}$", "");
    while (evicted.get() < 2 && !end.get()) {
      for (String name : PlainFiles.listOrNothing(scratch)) {
        if (name.startsWith(prefix) && PlainFiles.deleteQuietly(scratch.resolve(name))) {
          evicted.incrementAndGet();
        }
      }
    }
  }

  @Test
  void whatIsRemovedIsNeverBehindALink() throws Exception {
    Path victim = Files.createDirectory(scratch.resolve("victim"));
    Files.writeString(victim.resolve("owner.json"), "mine");
    Files.createSymbolicLink(prepared, victim);
    PreparedLock.discard(prepared);
    assertEquals("mine", Files.readString(victim.resolve("owner.json")));
    lab.directory().evictOthers(LockLab.token('b'));
    assertEquals("mine", Files.readString(victim.resolve("owner.json")));
  }
}
