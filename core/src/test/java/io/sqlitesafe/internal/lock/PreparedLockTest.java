package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
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
