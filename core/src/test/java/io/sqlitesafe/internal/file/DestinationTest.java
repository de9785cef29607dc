package io.sqlitesafe.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.snapshot.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {
  private static final Instant NOW = Instant.parse("2026-03-01T23:30:05Z");

  @TempDir Path temporary;
  private Path directory;
  private LockPaths source;

  @BeforeEach
  void makeSource() throws IOException {
    directory = temporary.toRealPath();
    source = LockPaths.of(Files.writeString(directory.resolve("my.app.db"), "source"));
  }

  private Destination of(String text, Compression compression) {
    return Destination.of(NamePattern.of(text, source, NOW, compression), false);
  }

  private Destination in(String name) {
    return of(directory + "/" + name, Compression.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "{name}, my.app",
    "{file}, my.app.db",
    "{name}-{utc}.sqlite, my.app-20260301T233005Z.sqlite",
    "{name}-{utc:yyyyMMdd'T'HHmmss'Z'}.sqlite, my.app-20260301T233005Z.sqlite",
    "a{utc:yyyy}-{utc:MM}b, a2026-03b",
    "{, {",
    "a{b, a{b",
    "a}b, a}b",
    "plain, plain",
  })
  void patterns(String pattern, String name) {
    Destination destination = in(pattern);
    assertEquals(directory.resolve(name), destination.file());
    assertEquals(pattern.equals(name), destination.named());
  }

  @Test
  void aDirectoryGetsAName() {
    assertEquals(
        directory.resolve("my.app-20260301T233005Z.sqlite"),
        of(directory.toString(), Compression.NONE).file());
    assertEquals(
        directory.resolve("my.app-20260301T233005Z.sqlite.zst"),
        of(directory.toString(), Compression.ZSTD).file());
  }

  @Test
  void aMadeUpNameTellsItsCompressionOnce() {
    assertEquals(
        directory.resolve("my.app.gz"), of(directory + "/{name}.gz", Compression.GZIP).file());
    assertEquals(
        directory.resolve("my.app.gz"), of(directory + "/{name}", Compression.GZIP).file());
    assertEquals(directory.resolve("exact"), of(directory + "/exact", Compression.GZIP).file());
  }

  @Test
  void aNameWithoutExtensionIsKept() throws IOException {
    source = LockPaths.of(Files.createFile(directory.resolve(".hidden")));
    assertEquals(directory.resolve(".hidden.copy"), in("{name}.copy").file());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{utc:bbbbbb}",
        "{utc:%Y}",
        "{utc:%Y-%m-%d}.sqlite",
        "{utc:}",
        "{date}",
        "{nothing}",
        "{}",
        "{UTC}",
        "{name:x}",
        "{file:}",
        "{utc:yyyy.sqlite",
        "{name-{utc}.sqlite"
      })
  void aWrongPlaceholderIsAWrongArgument(String pattern) {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> in(pattern));
    assertEquals(ErrorKind.USAGE, e.kind());
  }

  @Test
  void aNameThatEndsInASlashIsADirectory() throws IOException {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> in("nightly/"));
    assertEquals(ErrorKind.FAILED, e.kind());
    assertTrue(Files.notExists(directory.resolve("nightly")));
    NamePattern name = NamePattern.of(directory + "/a/{name}/", source, NOW, Compression.GZIP);
    assertFalse(name.named());
    assertEquals(
        directory.resolve("a/my.app/my.app-20260301T233005Z.sqlite.gz"),
        Destination.of(name, true).file());
    assertTrue(Files.isDirectory(directory.resolve("a/my.app")));
    Files.createFile(directory.resolve("file"));
    assertThrows(SqliteSafeException.class, () -> in("file/"));
  }

  @Test
  void aDirectoryMayHaveBracesInItsName() throws IOException {
    Files.createDirectory(directory.resolve("{date}"));
    assertEquals(directory.resolve("{date}/my.app-20260301T233005Z.sqlite"), in("{date}").file());
    assertEquals(directory.resolve("{date}/my.app-20260301T233005Z.sqlite"), in("{date}/").file());
  }

  @ParameterizedTest
  @CsvSource({
    "{name}-{utc}.sqlite, my.app-20260301T233005Z-3.sqlite",
    "{name}.db.zst, my.app-3.db.zst",
    "{name}.gz, my.app-3.gz",
    "{file}.{utc:yyyy}, my.app.db.2026-3",
    "{utc:yyyy}, 2026-3",
  })
  void otherNamesKeepTheirEnding(String pattern, String third) {
    assertEquals(directory.resolve(third), in(pattern).numbered(3));
    assertEquals(in(pattern).file(), in(pattern).numbered(1));
  }

  @Test
  void symbolicLinksAreResolved() throws IOException {
    Path real = Files.createFile(directory.resolve("real"));
    Files.createSymbolicLink(directory.resolve("link"), real);
    assertEquals(real, in("link").file());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "my.app.db",
        "my.app.db-journal",
        "my.app.db-wal",
        "my.app.db-shm",
        "my.app.db.lock"
      })
  void whatBelongsToTheSourceIsRefused(String name) {
    refused(in(name));
  }

  @Test
  void aHardLinkToTheSourceIsRefused() throws IOException {
    Files.createLink(directory.resolve("other"), source.database());
    refused(in("other"));
  }

  @Test
  void aSymbolicLinkToTheSourceIsRefused() throws IOException {
    Files.createSymbolicLink(directory.resolve("other"), source.database());
    refused(in("other"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-journal", "-wal"})
  void aJournalOfAnotherFileIsRefused(String suffix) throws IOException {
    in("copy").requireHarmless(source);
    Path journal = Files.createFile(directory.resolve("copy" + suffix));
    in("copy").requireHarmless(source); // nothing in it
    Files.writeString(journal, "pages");
    refused(in("copy"));
  }

  @Test
  void anotherFileInTheManifestsPlaceIsRefused() throws IOException {
    in("copy").requireRoomForManifest();
    Files.writeString(directory.resolve("copy.json"), "{\"mine\":true}");
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> in("copy").requireRoomForManifest());
    assertEquals(ErrorKind.UNSAFE, e.kind());
  }

  @Test
  void aDirectoryThatIsMissingIsSaid() {
    SqliteSafeException e = assertThrows(SqliteSafeException.class, () -> in("missing/copy"));
    assertEquals(ErrorKind.FAILED, e.kind());
  }

  private void refused(Destination destination) {
    SqliteSafeException e =
        assertThrows(SqliteSafeException.class, () -> destination.requireHarmless(source));
    assertEquals(ErrorKind.UNSAFE, e.kind());
    assertTrue(
        String.valueOf(e.getMessage()).contains(destination.file().toString()), e.getMessage());
    assertFalse(e.details().isEmpty());
  }
}
