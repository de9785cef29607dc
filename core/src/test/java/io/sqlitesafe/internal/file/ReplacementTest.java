package io.sqlitesafe.internal.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.ProcessTable;
import io.sqlitesafe.internal.manifest.Manifests;
import io.sqlitesafe.internal.manifest.Sha256;
import io.sqlitesafe.snapshot.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplacementTest {
  @TempDir Path directory;
  private Path source;
  private Path destination;

  @BeforeEach
  void makeFiles() throws IOException {
    source = Files.writeString(directory.resolve("source"), "model");
    destination = Files.writeString(directory.resolve("dest"), "earlier");
  }

  private Replacement begin() {
    return Replacement.begin(destination, source, 10);
  }

  private static Manifest manifestOfDest() {
    return Manifests.of("/source", "dest", Instant.EPOCH, 3, true);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theFileIsInPlaceAtOnceAndNothingElseIsLeft() throws IOException {
    byte[] manifest = manifestOfDest().toJson();
    try (Replacement replacement = begin()) {
      Files.writeString(replacement.file(), "new");
      Files.writeString(replacement.another("-wal"), "left by SQLite");
      assertEquals("earlier", Files.readString(destination));
      replacement.replaceTarget(replacement.file(), manifest);
    }
    assertEquals("new", Files.readString(destination));
    assertArrayEquals(manifest, Files.readAllBytes(directory.resolve("dest.json")));
    assertEquals(List.of("dest", "dest.json", "source"), names());
  }

  @Test
  void whatIsNotPublishedIsGone() throws IOException {
    try (Replacement replacement = begin()) {
      Files.writeString(replacement.file(), "half");
      Files.writeString(replacement.another("-journal"), "half");
    }
    assertEquals("earlier", Files.readString(destination));
    assertEquals(List.of("dest", "source"), names());
  }

  /** The manifest of the earlier file would call the new one damaged. */
  @Test
  void withoutAManifestTheEarlierOneGoes() throws IOException {
    Files.write(directory.resolve("dest.json"), manifestOfDest().toJson());
    try (Replacement replacement = begin()) {
      replacement.replaceTarget(replacement.file(), null);
    }
    assertEquals(List.of("dest", "source"), names());
  }

  @Test
  void aRenameThatFailsBringsTheManifestBack() throws IOException {
    byte[] manifest = manifestOfDest().toJson();
    Files.write(directory.resolve("dest.json"), manifest);
    Files.delete(destination);
    Files.createDirectories(destination.resolve("in the way"));
    try (Replacement replacement = begin()) {
      SqliteSafeException e =
          assertThrows(
              SqliteSafeException.class,
              () -> replacement.replaceTarget(replacement.file(), manifest));
      assertEquals(ErrorKind.FAILED, e.kind());
    }
    assertArrayEquals(manifest, Files.readAllBytes(directory.resolve("dest.json")));
    assertEquals(List.of("dest", "dest.json", "source"), names());
  }

  @Test
  void aNewFileReplacesNothing() throws IOException {
    byte[] manifest = manifestOfDest().toJson();
    try (Replacement replacement = begin()) {
      Files.writeString(replacement.file(), "new");
      assertFalse(replacement.placeNew(replacement.file(), destination, manifest));
      assertEquals("earlier", Files.readString(destination));
      Path free = directory.resolve("free");
      assertTrue(replacement.placeNew(replacement.file(), free, manifest));
      assertEquals("new", Files.readString(free));
    }
    assertEquals(List.of("dest", "free", "free.json", "source"), names());
  }

  /** Killed between its two renames, or before the first, with the manifest out of the way. */
  @Test
  void whatACrashLeftOfAPublicationIsFinished() throws IOException, InterruptedException {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    String left =
        new TemporaryName(ProcessTable.ofThisHost())
            .next()
            .replace("." + ProcessHandle.current().pid() + ".", "." + dead.pid() + ".");
    Manifest manifest = manifestOf(destination);
    for (String suffix : List.of(".json", ".earlier.json")) {
      Files.write(directory.resolve(left + suffix), manifest.toJson());
      assertEquals(manifest, Unfinished.find(destination, destination, new Cancellation()));
      begin().close();
      assertArrayEquals(manifest.toJson(), Files.readAllBytes(directory.resolve("dest.json")));
      assertEquals(List.of("dest", "dest.json", "source"), names());
      Files.delete(directory.resolve("dest.json"));
    }
    Files.write(directory.resolve(left + ".json"), manifest.toJson());
    Files.writeString(destination, "changed");
    assertNull(Unfinished.find(destination, destination, new Cancellation()));
    begin().close();
    assertEquals(List.of("dest", "source"), names());
  }

  private static Manifest manifestOf(Path file) throws IOException {
    Manifest some = Manifests.of("/source", file.getFileName() + "", Instant.EPOCH, 0, true);
    return new Manifest(
        some.format(),
        some.createdAt(),
        some.software(),
        some.identity(),
        some.method(),
        new Manifest.Stored(
            some.file().name(),
            Files.size(file),
            Sha256.of(file, new Cancellation()),
            some.file().compression()),
        some.database(),
        some.check(),
        some.longestStallMs());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw-------", "r--r-----", "rw-rw-rw-"})
  void permissionsAreTheSources(String permissions) throws IOException {
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString(permissions));
    try (Replacement replacement = begin()) {
      assertEquals("rw-------", permissions(replacement.file()));
      replacement.replaceTarget(replacement.file(), manifestOfDest().toJson());
    }
    Path probe = directory.resolve("probe"); // the system applies the umask
    Files.createFile(
        probe, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    assertEquals(permissions(probe), permissions(destination));
    assertEquals(permissions(probe), permissions(directory.resolve("dest.json")));
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void moreThanThereIsRoomForIsRefused() throws IOException {
    SqliteSafeException e =
        assertThrows(
            SqliteSafeException.class,
            () -> Replacement.begin(destination, source, Long.MAX_VALUE / 4));
    assertEquals(ErrorKind.UNSAFE, e.kind());
    assertEquals(List.of("dest", "source"), names());
  }

  @Test
  void whatADeadProcessLeftIsSwept() throws IOException, InterruptedException {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    String own = new TemporaryName(ProcessTable.ofThisHost()).next();
    String pid = "." + ProcessHandle.current().pid() + ".";
    String left = own.replace(pid, "." + dead.pid() + ".");
    String rebooted = own.replaceFirst("(tmp\\.[0-9a-f]{8}\\.)[0-9a-f]{8}", "$100000000");
    String otherHost = own.replaceFirst("tmp\\.[0-9a-f]{8}", "tmp.00000000");
    String otherContainer =
        left.replaceFirst("(tmp\\.[0-9a-f]{8}\\.[0-9a-f]{8}\\.)[0-9a-f]{8}", "$100000000");
    String oldOne = otherHost.replace("tmp.00000000", "tmp.11111111");
    String foreign = TemporaryName.PREFIX + "somebody else's";
    for (String name :
        List.of(own, left, left + "-wal", rebooted, otherHost, otherContainer, oldOne, foreign)) {
      Files.writeString(directory.resolve(name), "half");
    }
    Files.setLastModifiedTime(
        directory.resolve(oldOne), FileTime.from(Instant.now().minus(Duration.ofHours(25))));
    begin().close();
    List<String> expected =
        Stream.of(own, otherHost, otherContainer, foreign, "dest", "source").sorted().toList();
    assertEquals(expected, names());
  }

  @Test
  void namesCannotBeGuessed() {
    TemporaryName names = new TemporaryName(ProcessTable.ofThisHost());
    String one = names.next();
    String two = names.next();
    assertFalse(one.equals(two));
    assertTrue(one.startsWith(TemporaryName.PREFIX));
    assertTrue(one.getBytes(StandardCharsets.UTF_8).length < 130, one);
  }
}
