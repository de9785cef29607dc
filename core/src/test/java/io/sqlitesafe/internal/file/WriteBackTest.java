package io.sqlitesafe.internal.file;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBackTest {
  @TempDir Path directory;

  /** A later fsync would know nothing of it. */
  @Test
  void aFailureOnTheWayIsReportedAtTheEnd() throws IOException {
    Path file = directory.resolve("file");
    try (WriteBack writeBack = new WriteBack(file)) {
      writeBack.start();
      writeBack.close(); // has failed by now
      Files.createFile(file);
      assertThrows(NoSuchFileException.class, writeBack::complete);
    }
  }

  @Test
  void aFileThatIsWrittenMeanwhile() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    try (WriteBack writeBack = new WriteBack(file)) {
      writeBack.start();
      Files.write(file, new byte[1 << 20]);
      writeBack.complete();
    }
  }

  @Test
  void completesWithoutHavingBegun() throws IOException {
    Path file = directory.resolve("file");
    try (WriteBack writeBack = new WriteBack(file)) {
      assertThrows(NoSuchFileException.class, writeBack::complete);
      Files.createFile(file);
      writeBack.complete();
      writeBack.start(); // too late, and no harm
    }
  }
}
