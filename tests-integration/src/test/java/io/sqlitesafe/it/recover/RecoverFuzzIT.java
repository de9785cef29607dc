package io.sqlitesafe.it.recover;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.RecoveredCheck;
import io.sqlitesafe.internal.recover.Recover;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files with any bytes changed: each is done with in two seconds, whatever it holds. */
class RecoverFuzzIT {
  private static final long LIMIT_MS = 2000;

  @TempDir Path directory;

  @Test
  void neverHangsAndNeverFailsInAnotherWay() throws Exception {
    int count = Boolean.getBoolean("sqlitesafe.long") ? 20_000 : 300;
    Path original = directory.resolve("original.db");
    Path file = directory.resolve("mutated.db");
    Path made = directory.resolve("made.db");
    byte[] bytes = {};
    for (int seed = 0; seed < count; seed++) {
      if (seed % 20 == 0) {
        Files.deleteIfExists(original);
        new Subject(seed, original).make(false);
        bytes = Files.readAllBytes(original);
      }
      Random random = new Random(seed);
      Files.write(file, mutated(bytes.clone(), random));
      Files.deleteIfExists(made);
      long started = System.nanoTime();
      try {
        RecoverRequest request =
            new RecoverRequest(random.nextBoolean(), RecoverRequest.Journal.AUTO);
        Recover.privately(
            file, made, request, new RecoveredCheck(), new Cancellation(), SnapshotListener.SILENT);
      } catch (SqliteSafeException e) {
        assertTrue(e.kind().exitCode() == 14, "seed " + seed + ": " + e);
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("seed " + seed, e);
      }
      long took = (System.nanoTime() - started) / 1_000_000;
      assertTrue(took < LIMIT_MS, "seed " + seed + " took " + took + " ms");
    }
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    int changes = 1 + random.nextInt(200);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) 0xff;
        case 2 -> bytes[at] = (byte) random.nextInt(256);
        case 3 -> at = at / 512 * 512; // where numbers of pages are
        default -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(600), bytes.length - Math.max(at, from));
          System.arraycopy(bytes, from, bytes, at, length);
        }
      }
      if (at % 512 == 0 && at + 12 <= bytes.length) {
        bytes[at + random.nextInt(12)] = (byte) random.nextInt(16);
      }
    }
    return bytes;
  }
}
