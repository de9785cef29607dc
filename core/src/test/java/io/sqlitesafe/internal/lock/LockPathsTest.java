package io.sqlitesafe.internal.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockPathsTest {
  @TempDir Path scratch;

  @Test
  void everyNameOfAFileLeadsToOneLock() throws IOException {
    Path real = Files.createDirectory(scratch.resolve("real"));
    Path database = Files.createFile(real.resolve("a b?#%.db"));
    Path link = Files.createSymbolicLink(scratch.resolve("link.db"), database);
    Path linkToLink = Files.createSymbolicLink(scratch.resolve("link2"), Path.of("link.db"));
    Path directory = Files.createSymbolicLink(scratch.resolve("dir"), real);
    Path expected = LockPaths.of(database).lock();
    assertEquals(real.toRealPath().resolve("a b?#%.db.lock"), expected);
    assertEquals(expected, LockPaths.of(link).lock());
    assertEquals(expected, LockPaths.of(linkToLink).lock());
    assertEquals(expected, LockPaths.of(directory.resolve("a b?#%.db")).lock());
    assertEquals(expected, LockPaths.of(directory.resolve("../real/a b?#%.db")).lock());
  }

  @Test
  void aFileYetToBeMadeMayHideBehindALink() throws IOException {
    Path link = Files.createSymbolicLink(scratch.resolve("new.db"), scratch.resolve("later.db"));
    assertEquals(LockPaths.of(scratch.resolve("later.db")), LockPaths.of(link));
  }

  @Test
  void aCycleOfLinksIsAnError() throws IOException {
    Files.createSymbolicLink(scratch.resolve("a"), scratch.resolve("b"));
    Files.createSymbolicLink(scratch.resolve("b"), scratch.resolve("a"));
    assertThrows(IOException.class, () -> LockPaths.of(scratch.resolve("a")));
  }
}
