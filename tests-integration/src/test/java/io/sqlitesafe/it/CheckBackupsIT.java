package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Checking;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Untouched;
import io.sqlitesafe.it.kit.Verdicts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed backups are checked without being restored by hand, and manifests compared. */
class CheckBackupsIT {
  @TempDir Path directory;
  private Path place;
  private Checking checking;

  @BeforeEach
  void places() {
    checking = Checking.in(directory);
    place = checking.place();
  }

  // ---- compressed ------------------------------------------------------------------------------

  @Test
  void compressedBackups() throws IOException {
    assumeTrue(Program.exists("zstd") && Program.exists("gzip"), "needs zstd and gzip");
    Path sound = Damage.sound(place, "sound.db");
    Path damaged = Files.copy(sound, place.resolve("damaged.db"));
    long leaf = Damage.page(damaged, "child", "leaf");
    Damage.scramble(damaged, leaf);
    Path text = Files.writeString(place.resolve("text"), "no database");
    for (Path plain : List.of(sound, damaged, text)) {
      Program.of("zstd", "-q", plain).run().exits(0);
      Program.of("gzip", "-k", plain).run().exits(0);
    }
    Path nameless = Files.copy(Db.sibling(sound, ".zst"), place.resolve("without a suffix"));
    for (String suffix : List.of(".zst", ".gz")) {
      Path cut = Files.copy(Db.sibling(sound, suffix), place.resolve("cut" + suffix));
      Damage.resize(cut, Files.size(cut) / 2);
      Untouched untouched = Untouched.of(place);
      Verdicts found =
          checking.check(
              14,
              Db.sibling(sound, suffix),
              Db.sibling(damaged, suffix),
              Db.sibling(text, suffix),
              cut,
              nameless);
      untouched.check();
      found.ok(Db.sibling(sound, suffix));
      found.ok(nameless);
      found.found(Db.sibling(damaged, suffix), "kind", "integrity", "table", "child", "page", leaf);
      found.found(cut, "kind", "file", "message", "cannot be decompressed");
      assertEquals("no-database", found.of(Db.sibling(text, suffix)).get("verdict"));
      assertEquals(
          suffix.equals(".gz") ? "gzip" : "zstd",
          found.of(Db.sibling(sound, suffix)).get("compression"));
    }
  }

  @Test
  void withoutRoomForDecompressionNothingIsBegun() throws IOException {
    assumeTrue(Privileges.root(), "only root can mount a file system for this test");
    assumeTrue(Program.exists("zstd"), "needs zstd");
    Path db =
        Db.create(
            place,
            "big.db",
            "CREATE TABLE t(x)",
            "INSERT INTO t WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x"
                + " < 9000) SELECT zeroblob(4000) FROM c");
    Program.of("zstd", "-q", db).run().exits(0);
    Path zst = Db.sibling(db, ".zst");
    // A pipe gives zstd no size to write into the frame, so only running out of room tells.
    Path unknown = place.resolve("unknown.zst");
    Program.of("sh", "-c", "cat \"$1\" | zstd -q > \"$2\"", "sh", db, unknown).run().exits(0);
    Result mounted =
        Program.of("mount", "-t", "tmpfs", "-o", "size=20m", "none", checking.scratch()).run();
    assumeTrue(mounted.exit() == 0, "no file system can be mounted here");
    try {
      Verdicts found = checking.check(15, zst, unknown);
      for (Path file : List.of(zst, unknown)) {
        assertEquals("unsafe", found.of(file).get("verdict"), found::toString);
        assertTrue(found.of(file).get("hint").toString().contains("TMPDIR"));
      }
    } finally {
      Program.of("umount", checking.scratch()).run().exits(0);
    }
  }

  @Test
  void interruptedWhileItDecompresses() throws IOException {
    // More than can be decompressed before the signal comes: gzip turns zeros into very little.
    Path bomb = place.resolve("bomb.gz");
    Program.of("sh", "-c", "head -c 600000000 /dev/zero | gzip -1 > \"$1\"", "sh", bomb)
        .run()
        .exits(0);
    Path other = Files.copy(bomb, checking.place().resolve("other.gz"));
    try (Running running = checking.command("--jobs", 2, bomb, other).start()) {
      Await.until("copies in the scratch directory", () -> checking.scratchHasFiles(2));
      running.signal("TERM");
      running.await().exits(143);
    }
    checking.assertScratchIsEmpty();
  }

  /** gzip(1) warns of it, Java's own reader is silent. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void whatFollowsACompressedBackupIsDamage(String compression) throws IOException {
    Path db = Damage.sound(place, "app.db");
    Path packed = place.resolve("packed");
    Cli.run("backup", "--no-manifest", "--compress", compression, db, packed).exits(0);
    Cli.run("integrity-check", packed).exits(0);
    for (byte[] garbage : new byte[][] {{0}, {'x', 'y'}, {0x1f, (byte) 0x8b, 8}, new byte[4096]}) {
      Path longer = Files.copy(packed, place.resolve("longer"));
      Files.write(longer, garbage, java.nio.file.StandardOpenOption.APPEND);
      Cli.run("integrity-check", longer).exits(14);
      Cli.run("restore", "--drill", longer).exits(14);
      Files.delete(longer);
    }
  }

  // ---- manifests -------------------------------------------------------------------------------

  private static Path manifest(Path backup, long bytes, String sha256) throws IOException {
    return Files.writeString(
        Db.sibling(backup, ".json"),
        """
        {"format":"sqlite-safe.manifest.v1","createdAt":"2026-11-24T02:00:03Z","software":"x",\
        "source":"/srv/app.db","method":"online","file":"b","bytes":%d,"sha256":"%s",\
        "compression":"none","databaseBytes":%d,"pageSize":4096,"pageCount":%d,\
        "sqliteVersion":"3","schemaVersion":1,"userVersion":0,"applicationId":0,\
        "checkLevel":"none","checkResult":"none","checkWarnings":0,"longestStallMs":0}
        """
            .formatted(bytes, sha256, bytes, bytes / 4096));
  }

  @Test
  void theManifestBesideIsCompared() throws IOException {
    Path right = Damage.sound(place, "right.db");
    String sha256 = Db.sha256(right);
    long bytes = Files.size(right);
    manifest(right, bytes, sha256);
    Path flipped = Files.copy(right, place.resolve("flipped.db"));
    Damage.write(flipped, 95, (byte) 7); // the number of the version that wrote it: harmless
    manifest(flipped, bytes, sha256);
    Path shorter = Files.copy(right, place.resolve("shorter.db"));
    manifest(shorter, bytes + 4096, sha256);
    Path garbage = Files.copy(right, place.resolve("garbage.db"));
    Files.writeString(Db.sibling(garbage, ".json"), "{\"format\":\"sqlite-safe.mani");
    Path foreign = Files.copy(right, place.resolve("foreign.db"));
    Files.writeString(Db.sibling(foreign, ".json"), "{\"name\":\"foreign\"}");
    Path overwritten = Files.writeString(place.resolve("overwritten.db"), "no database any more");
    manifest(overwritten, bytes, sha256);
    Untouched untouched = Untouched.of(place);

    Verdicts found = checking.check(14, right, flipped, shorter, garbage, foreign, overwritten);

    untouched.check();
    found.ok(right);
    assertEquals("match", found.of(right).get("manifest"));
    found.found(flipped, "kind", "manifest", "message", "SHA-256");
    assertEquals("mismatch", found.of(flipped).get("manifest"));
    found.found(shorter, "kind", "manifest", "message", "bytes");
    found.found(garbage, "kind", "manifest", "message", "garbage.db.json");
    found.ok(foreign);
    assertEquals("none", found.of(foreign).get("manifest"));
    found.found(overwritten, "kind", "manifest");
    found.found(overwritten, "kind", "file", "message", "not a database");
  }
}
