package io.sqlitesafe.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.lock.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceTest {
  @TempDir Path directory;

  private Path ownedBy(long pid, String host, String boot) throws IOException {
    ProcessIdentity self = ProcessTable.ofThisHost().self();
    assumeTrue(self.bootId() != null && self.pidNamespace() != null, "no /proc here");
    Path left = Workspace.create(directory).path();
    Files.createDirectories(left.resolve("race-mkdir/d-1"));
    Files.writeString(
        left.resolve("owner"),
        Words.toLine(
            List.of(
                Long.toString(pid),
                host,
                "1",
                boot.isEmpty() ? String.valueOf(self.bootId()) : boot,
                String.valueOf(self.pidNamespace()),
                String.valueOf(self.timeNamespace()),
                String.valueOf(self.machineId()))));
    return left;
  }

  @Test
  void whatADeadProcessLeftIsSwept() throws IOException {
    Path left = ownedBy(Integer.MAX_VALUE, "here", "");
    assertEquals(1, Workspace.sweep(directory));
    assertFalse(Files.exists(left));
  }

  @Test
  void whatIsInUseOrOnAnotherHostStaysUntilItIsOld() throws IOException {
    Path foreign = ownedBy(1, "elsewhere", "another-boot");
    Path foreignFile = Files.createFile(directory.resolve("sqlite-safe-probe.txt"));
    try (Workspace own = Workspace.create(directory)) {
      assertEquals(0, Workspace.sweep(directory));
      assertTrue(Files.exists(own.path()));
    }
    assertTrue(Files.exists(foreign));
    FileTime old = FileTime.from(Instant.now().minusSeconds(3 * 3600));
    Files.setLastModifiedTime(foreign.resolve("owner"), old);
    assertEquals(1, Workspace.sweep(directory));
    assertFalse(Files.exists(foreign));
    assertTrue(Files.exists(foreignFile));
  }

  @Test
  void closedItIsGoneWithAllThatIsInIt() throws IOException {
    try (Workspace own = Workspace.create(directory)) {
      Files.createDirectories(own.path().resolve("a/b"));
      Files.createSymbolicLink(own.path().resolve("link"), directory);
      Files.writeString(own.path().resolve("a/b/c"), "x");
    }
    assertEquals(List.of(), Workspace.entries(directory));
    assertTrue(Files.exists(directory));
  }
}
