package io.sqlitesafe.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.manifest.Manifests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  /** What other programs rely on: this text may grow, and never change. */
  private static final String GOLDEN =
      """
      {"format":"sqlite-safe.manifest.v2","createdAt":"2026-11-24T02:00:03.250Z",\
      "software":"sqlite-safe 0.1.0","source":"/srv/it's a \\"db\\".sqlite","machine":"0a1b","host":"host","method":"online",\
      "file":"app.sqlite","bytes":8192,\
      "sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",\
      "compression":"none","databaseBytes":8192,\
      "databaseSha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",\
      "pageSize":4096,"pageCount":2,"sqliteVersion":"3.54.1","schemaVersion":7,"userVersion":-1,\
      "applicationId":0,"empty":false,"sourceState":"counter=12","checkLevel":"quick","checkResult":"ok",\
      "checkWarnings":0,"checkComplete":true,"longestStallMs":41}
      """;

  private static final Manifest MANIFEST =
      Manifests.of(
          "/srv/it's a \"db\".sqlite",
          "app.sqlite",
          Instant.parse("2026-11-24T02:00:03.250999Z"),
          8192,
          true);

  @TempDir Path directory;

  @Test
  void textIsGolden() {
    assertEquals(GOLDEN, new String(MANIFEST.toJson(), StandardCharsets.UTF_8));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path backup = directory.resolve("app.sqlite");
    MANIFEST.writeBeside(backup);
    Manifest read = Objects.requireNonNull(Manifest.beside(backup));
    assertEquals(GOLDEN, new String(read.toJson(), StandardCharsets.UTF_8));
    assertEquals(MANIFEST.database(), read.database());
    assertEquals(List.of("app.sqlite.json"), names());
  }

  @Test
  void unknownMembersOfAnyTypeAreIgnored() throws IOException {
    Manifest read = read(GOLDEN.replaceFirst("\\{", "{\"new\":{\"a\":[1,{}]},\"more\":[[]],"));
    assertEquals(GOLDEN, new String(read.toJson(), StandardCharsets.UTF_8));
  }

  @Test
  void optionalMembersMayBeMissing() throws IOException {
    Manifest read =
        read(
            GOLDEN
                .replace("\"databaseSha256\":\"" + Manifests.DIGEST + "\",", "")
                .replace("\"sourceState\":\"counter=12\",", ""));
    assertNull(read.database().sha256());
    assertNull(read.database().sourceState());
  }

  /** It says of no host: such backups are left alone. */
  @Test
  void theFirstFormatIsRead() throws IOException {
    Manifest read =
        read(
            GOLDEN
                .replace("manifest.v2", "manifest.v1")
                .replace("\"machine\":\"0a1b\",\"host\":\"host\",", "")
                .replace("\"empty\":false,", ""));
    assertEquals(1, read.format());
    assertTrue(read.identity().isPathOnly());
    assertTrue(read.database().hasContent());
  }

  /** How earlier backups are adopted, as the manual says. */
  @Test
  void aMemberPutBeforeTheOthersGivesAName() throws IOException {
    Identity named = new Identity("shop", "other machine", "other host", "/other/path");
    Manifest read = read(GOLDEN.replaceFirst("\\{", "{\"id\":\"shop\","));
    assertTrue(read.identity().isSameAs(named));
    assertFalse(MANIFEST.identity().isSameAs(named));
  }

  @Test
  void identities() {
    Identity one = new Identity(null, "m", "h", "/a");
    assertTrue(one.isSameAs(new Identity(null, "m", "renamed", "/a")));
    assertFalse(one.isSameAs(new Identity(null, "m", "h", "/b")));
    assertFalse(one.isSameAs(new Identity(null, "m2", "h", "/a")), "one baked-in host name");
    assertTrue(one.isSameAs(new Identity(null, null, "h", "/a")), "a machine without an id");
    assertFalse(one.isSameAs(new Identity(null, null, null, "/a")), "the first format");
    assertFalse(one.isSameAs(new Identity("x", "m", "h", "/a")));
    assertTrue(new Identity("x", "m", "h", "/a").isSameAs(new Identity("x", null, "c", "/b")));
    assertFalse(new Identity("x", "m", "h", "/a").isSameAs(new Identity("y", "m", "h", "/a")));
  }

  @Test
  void everyMemberThatDescribesTheContentIsCompared() {
    Manifest.Found found =
        new Manifest.Found(
            8192,
            Manifests.DIGEST,
            Compression.NONE,
            new Manifest.Plain(8192, Manifests.DIGEST, new DatabaseHeader(4096, 2, 7, -1, 0)));
    assertEquals(List.of(), MANIFEST.differences(found));
    for (DatabaseHeader other :
        List.of(
            new DatabaseHeader(512, 2, 7, -1, 0),
            new DatabaseHeader(4096, 3, 7, -1, 0),
            new DatabaseHeader(4096, 2, 8, -1, 0),
            new DatabaseHeader(4096, 2, 7, 1, 0),
            new DatabaseHeader(4096, 2, 7, -1, 9))) {
      Manifest.Plain plain = new Manifest.Plain(8192, Manifests.DIGEST, other);
      assertEquals(
          1,
          MANIFEST
              .differences(new Manifest.Found(8192, Manifests.DIGEST, Compression.NONE, plain))
              .size(),
          other.toString());
    }
    Manifest.Plain plain = Objects.requireNonNull(found.plain());
    for (Manifest.Found other :
        List.of(
            new Manifest.Found(8193, Manifests.DIGEST, Compression.NONE, plain),
            new Manifest.Found(8192, Manifests.DIGEST, Compression.GZIP, plain),
            new Manifest.Found(
                8192,
                Manifests.DIGEST,
                Compression.NONE,
                new Manifest.Plain(4096, Manifests.DIGEST, plain.header())),
            new Manifest.Found(
                8192,
                Manifests.DIGEST,
                Compression.NONE,
                new Manifest.Plain(8192, "0".repeat(64), plain.header())))) {
      assertEquals(1, MANIFEST.differences(other).size(), other.toString());
    }
  }

  @Test
  void hostileTextIsRefusedWithAReason() throws IOException {
    refused("", "not a JSON object");
    refused("[]", "not a JSON object");
    refused("{\"format\":", "not JSON");
    refused(GOLDEN + "{}", "something follows");
    refused(GOLDEN.replace("manifest.v2", "manifest.v3"), "another version");
    refused(GOLDEN.replace("manifest.v2", "manifest.v"), "another version");
    refused(GOLDEN.replace("\"bytes\":8192", "\"bytes\":-1"), "bytes");
    refused(GOLDEN.replace("\"bytes\":8192", "\"bytes\":1e3"), "bytes");
    refused(GOLDEN.replace("\"bytes\":8192", "\"bytes\":99999999999999999999"), "bytes");
    refused(GOLDEN.replace("\"bytes\":8192", "\"bytes\":\"8192\""), "bytes");
    refused(GOLDEN.replace("\"sha256\":\"0", "\"sha256\":\"G"), "sha256");
    refused(GOLDEN.replace("2026-11-24T", "2026-13-24T"), "createdAt");
    refused(GOLDEN.replace("\"quick\"", "\"deep\""), "checkLevel");
    refused(GOLDEN.replace("\"compression\":\"none\"", "\"compression\":\"lzma\""), "compression");
    refused(GOLDEN.replace("\"pageSize\":4096", "\"pageSize\":131072"), "pageSize");
    refused("{\"x\":".repeat(5000), "not JSON");
    refused(" ".repeat(Manifest.MAX_BYTES) + GOLDEN, "longer than");
  }

  @Test
  void directoryInItsPlaceIsRefused() throws IOException {
    Files.createDirectory(directory.resolve("x.json"));
    assertThrows(SqliteSafeException.class, () -> Manifest.read(directory.resolve("x.json")));
  }

  @Test
  void anotherProgramsJsonBesideABackupIsNoManifest() throws IOException {
    Files.writeString(directory.resolve("x.json"), "{\"name\":\"x\"}");
    assertNull(Manifest.beside(directory.resolve("x")));
    assertNull(Manifest.beside(directory.resolve("without")));
  }

  private Manifest read(String text) throws IOException {
    return Manifest.read(Files.writeString(directory.resolve("m.json"), text));
  }

  private void refused(String text, String reason) {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> read(text));
    assertEquals(ErrorKind.DAMAGED, e.kind());
    assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName() + "").sorted().toList();
    }
  }
}
