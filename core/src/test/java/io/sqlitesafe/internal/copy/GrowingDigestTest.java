package io.sqlitesafe.internal.copy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.manifest.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingDigestTest {
  @TempDir Path directory;

  @Test
  void followsAFileThatIsBeingWritten() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Random random = new Random(1);
    long size = 0;
    try (GrowingDigest digest = GrowingDigest.of(file);
        OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 50; i++) {
        byte[] piece = new byte[random.nextInt(100_000)];
        random.nextBytes(piece);
        out.write(piece);
        out.flush();
        size += piece.length;
        digest.advance(size);
      }
      assertEquals(Sha256.of(file, new Cancellation()), digest.finish(size));
    }
  }

  @Test
  void nothing() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    try (GrowingDigest digest = GrowingDigest.of(file)) {
      assertEquals(Sha256.of(file, new Cancellation()), digest.finish(0));
    }
  }

  @Test
  void aFileThatIsTooShortIsAnError() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "short");
    try (GrowingDigest digest = GrowingDigest.of(file)) {
      assertThrows(IOException.class, () -> digest.finish(6));
    }
  }

  @Test
  void canBeStoppedWhileItWaits() throws IOException {
    GrowingDigest.of(Files.createFile(directory.resolve("file"))).close();
  }
}
