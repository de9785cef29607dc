package io.sqlitesafe.internal.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class OtherNamesTest {
  @TempDir Path directory;

  @Test
  void aSecondLookSeesANewLink() throws IOException {
    Path file = Files.createFile(directory.resolve("a.db")).toRealPath();
    OtherNames first = OtherNames.of(file);
    assertFalse(first.any());
    assertEquals(first, first.again(file, false));
    Files.createLink(directory.resolve("b.db"), file);
    assertEquals(2, first.again(file, false).links());
  }

  /** What was seen of the mount is of the file that was there, and of no other one. */
  @Test
  void aSecondLookAtAnotherFileLooksAtItsMount() throws IOException {
    Path file = Files.createFile(directory.resolve("a.db")).toRealPath();
    OtherNames mounted = new OtherNames(1, true, OtherNames.of(file).key());
    assertTrue(mounted.again(file, false).mounted(), "the same file");
    Path other = Files.createFile(directory.resolve("b.db"));
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertFalse(mounted.again(file, false).mounted());
  }
}
