package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Json;
import io.sqlitesafe.it.kit.Privileges;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Refusal;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import io.sqlitesafe.it.kit.Untouched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backups replace and delete nothing but earlier backups of the same database. */
class BackupSafetyIT {
  private static final List<String> COMMANDS = List.of("backup", "copy", "vacuum-into");

  @TempDir Path directory;
  private Path db;
  private Path folder;

  @BeforeEach
  void make() throws IOException {
    db = Db.create(directory, "app.db", "CREATE TABLE t(v)", "INSERT INTO t VALUES('one')");
    folder = Files.createDirectory(directory.resolve("backups"));
  }

  private List<String> backups() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".json"))
          .sorted()
          .toList();
    }
  }

  private static void assertAllAsTheirManifestsSay(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> !f.toString().endsWith(".json")).toList()) {
        assertTrue(Files.exists(Db.sibling(file, ".json")), file + " has no manifest");
        Cli.run("integrity-check", file).exits(0);
      }
    }
  }

  // ---- what is replaced -----------------------------------------------------------------------

  @Test
  void aFileThatIsNoBackupIsNotReplaced() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "mine");
    Path nothing = Files.createFile(directory.resolve("nothing"));
    Path other = Db.create(directory, "other.db", "CREATE TABLE mine(v)");
    String before = Db.sha256(other);
    for (String command : COMMANDS) {
      for (Path file : List.of(text, nothing, other)) {
        Refusal.of(db, command, db, file).expect(15, "--overwrite");
      }
    }
    Result shell = Cli.command("shell", db).input(".backup " + text + "\n").run();
    shell.says("--overwrite");
    assertEquals("mine", Files.readString(text));
    assertEquals(0, Files.size(nothing));
    assertEquals(before, Db.sha256(other));
    for (String command : COMMANDS) {
      Cli.run(command, "--overwrite", db, text).exits(0);
    }
    Cli.command("shell", db).input(".backup --overwrite " + text + "\n").run().exits(0);
    Db.assertSound(text);
  }

  @Test
  void anEarlierBackupIsReplacedAsLongAsItIsWhatItsManifestSays() throws IOException {
    Path copy = directory.resolve("copy");
    for (String command : List.of("backup", "backup", "vacuum-into", "copy")) {
      Cli.run(command, "--manifest", db, copy).exits(0);
    }
    Cli.run("backup", "--compress", "zstd", db, copy).exits(0);
    Cli.run("backup", "--no-manifest", db, copy).exits(0);
    Refusal.of(db, "backup", "--no-manifest", db, copy).expect(15, "--overwrite");
    // Another database's.
    Cli.run("backup", "--overwrite", db, copy).exits(0);
    Path other = Db.create(directory, "other.db", "CREATE TABLE t(v)");
    Refusal.of(other, "backup", other, copy).expect(15, "is a backup of ");
    // One whose manifest cannot be read.
    Files.writeString(Db.sibling(copy, ".json"), "{\"format\":\"sqlite-safe.mani");
    Refusal.of(db, "backup", db, copy).expect(15, "--overwrite");
  }

  /** Somebody has worked with the backup: neither lost, nor the end of all backups. */
  @ParameterizedTest
  @ValueSource(strings = {"written to", "same size", "journal"})
  void aBackupThatWasChangedIsSetAside(String how) throws IOException {
    Path copy = directory.resolve("copy");
    Cli.run("backup", db, copy).exits(0);
    Path journal = Db.sibling(copy, "-wal");
    switch (how) {
      case "written to" -> Db.column(copy, "INSERT INTO t VALUES('only here') RETURNING 1");
      case "same size" -> {
        FileTime time = Files.getLastModifiedTime(copy);
        Damage.write(copy, Files.size(copy) - 1, (byte) 'Z');
        Files.setLastModifiedTime(copy, time);
      }
      default -> Files.writeString(journal, "pages that are not in the file");
    }
    String changed = Db.sha256(copy);
    Map<String, Object> made = Cli.run("backup", "--json", db, copy).exits(3).json();
    Path aside = Path.of((String) made.get("setAside"));
    assertEquals(changed, Db.sha256(aside));
    assertTrue(Files.notExists(journal));
    assertEquals(how.equals("journal"), Files.exists(Db.sibling(aside, "-wal")));
    Cli.run("integrity-check", copy).exits(0);
    Cli.run("backup", db, copy).exits(0);
    assertEquals(changed, Db.sha256(aside));
  }

  /** Killed before each rename in turn; whatever is left, the next run goes on. */
  @Test
  void aCrashBetweenTwoRenamesIsNoReasonToRefuse() throws IOException {
    List<String> kill =
        List.of("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e");
    assumeTrue(
        Program.exists("strace") && Program.of("strace", "-qq", "true").run().exit() == 0,
        "strace is not installed, or may not trace here");
    Path copy = folder.resolve("copy");
    int killed = 0;
    for (int n = 1; n <= 8; n++) {
      Cli.run("backup", "--overwrite", db, copy).exits(0);
      Db.column(db, "INSERT INTO t VALUES('" + n + "') RETURNING 1");
      List<String> wrapper = new ArrayList<>(kill);
      wrapper.add("inject=rename:signal=KILL:when=" + n);
      killed += Cli.command("backup", db, copy).behind(wrapper).run().exit() == 137 ? 1 : 0;
      Cli.run("backup", db, copy).exits(0);
      assertEquals(List.of("copy"), backups(), "after rename " + n);
      assertAllAsTheirManifestsSay(folder);
    }
    assertTrue(killed >= 3, "only " + killed + " were killed at a rename");
  }

  // ---- names ----------------------------------------------------------------------------------

  @Test
  void namesNeverCollide() throws IOException {
    List<Path> databases = new ArrayList<>(List.of(db, db));
    for (String name : List.of("one", "two")) {
      Path place = Files.createDirectory(directory.resolve(name));
      databases.add(Files.copy(db, place.resolve("app.db")));
    }
    List<Running> all = new ArrayList<>();
    for (Path each : databases) {
      all.add(Cli.start("backup", each, folder + "/{name}-{utc:yyyy}.sqlite"));
    }
    all.forEach(each -> each.await().exits(0));
    all.forEach(Running::close);
    String year = "app-" + java.time.Year.now(java.time.ZoneOffset.UTC);
    assertEquals(
        List.of(year + "-2.sqlite", year + "-3.sqlite", year + "-4.sqlite", year + ".sqlite"),
        backups());
    assertAllAsTheirManifestsSay(folder);
  }

  @Test
  void twoNewFilesOfOneNameDoNotReplaceEachOther() throws IOException {
    Path other = Db.create(directory, "other.db", "CREATE TABLE t(v)");
    Path copy = folder.resolve("copy");
    try (Running first = Cli.start("backup", db, copy);
        Running second = Cli.start("backup", other, copy)) {
      int one = first.await().exit();
      int two = second.await().exit();
      assertEquals(List.of(0, 15), Stream.of(one, two).sorted().toList());
    }
    assertAllAsTheirManifestsSay(folder);
  }

  @Test
  void aDirectoryThatIsMissingIsNotAFile() throws IOException {
    Path earlier = Files.writeString(directory.resolve("earlier"), "x");
    String missing = directory.resolve("nightly") + "/";
    Refusal.of(db, "backup", "--keep-last", "1", db, missing).expect(1, "no directory");
    Refusal.of(db, "backup", db, missing).expect(1, "--make-directory");
    Refusal.of(db, "backup", "--keep-daily", "7", db, directory.resolve("nightly"))
        .expect(2, "--keep-");
    for (String pattern : List.of("{date}.sqlite", "{utc:%Y}.sqlite", "{utc:yyyy", "{}")) {
      Refusal.of(db, "backup", db, folder + "/" + pattern).expect(2, pattern);
    }
    assertTrue(Files.notExists(directory.resolve("nightly")));
    Cli.run("backup", "--make-directory", "--dry-run", db, missing).exits(0);
    assertTrue(Files.notExists(directory.resolve("nightly")));
    Cli.run("backup", "--make-directory", "--keep-last", "1", db, missing + "deep/").exits(0);
    folder = directory.resolve("nightly/deep");
    assertEquals(1, backups().size());
    assertEquals("x", Files.readString(earlier));
  }

  // ---- of which database ----------------------------------------------------------------------

  /** As from another machine that has the same path, whose backups lie in the same directory. */
  private Program elsewhere(String machine, String host, Object... words) throws IOException {
    assumeTrue(
        Privileges.root() && Program.of("unshare", "--mount", "--uts", "true").run().exit() == 0,
        "only root can be on another machine");
    Path id = Files.writeString(directory.resolve("machine-id"), machine + "\n");
    return Cli.command(words)
        .behind(
            List.of(
                "unshare",
                "--mount",
                "--uts",
                "sh",
                "-c",
                "touch /etc/machine-id && mount --bind \"$1\" /etc/machine-id && echo \"$2\" >"
                    + " /proc/sys/kernel/hostname && shift 2 && exec \"$@\"",
                "sh",
                id.toString(),
                host));
  }

  @Test
  void hostsOfOnePathLeaveEachOthersBackupsAlone() throws IOException {
    String here = "11111111111111111111111111111111";
    Object[] words = {"backup", "--json", "--keep-last", "1", db, folder + "/{utc:n}.sqlite"};
    elsewhere(here, "one", words).run().exits(0);
    // Another machine; an image's machine id that was never made; none at all.
    for (String other : List.of("22222222222222222222222222222222", "uninitialized", "")) {
      Map<String, Object> made = elsewhere(other, "two" + other, words).run().exits(0).json();
      assertEquals(List.of(), Json.at(made, "retention", "deleted"), made::toString);
      assertTrue((long) Json.at(made, "retention", "others") > 0, made::toString);
      assertEquals(List.of(), made.get("warnings"));
    }
    assertEquals(4, backups().size());
    // The same machine under another name.
    Map<String, Object> again = elsewhere(here, "renamed", words).run().exits(0).json();
    assertEquals(1, ((List<?>) Json.at(again, "retention", "deleted")).size());
    assertEquals(4, backups().size());
    // Neither is replaced, nor taken for one's own last backup.
    Path copy = directory.resolve("copy");
    elsewhere(here, "one", "backup", db, copy).run().exits(0);
    elsewhere("2".repeat(32), "two", "backup", db, copy).run().exits(15).says("is a backup of");
    Map<String, Object> changed =
        elsewhere("3".repeat(32), "x", "backup", "--json", "--if-changed", db, folder).run().json();
    assertEquals(false, changed.get("skipped"));
  }

  /** Containers have a new host name each time, and one path for many databases. */
  @Test
  void aDatabaseIsKnownByItsId() throws IOException {
    Path moved = Files.copy(db, Files.createDirectory(directory.resolve("new")).resolve("app.db"));
    String pattern = folder + "/{utc:n}.sqlite";
    Cli.run("backup", "--id", "shop", "--keep-last", "1", db, pattern).exits(0);
    Cli.run("backup", "--id", "blog", "--keep-last", "1", db, pattern).exits(0);
    Cli.run("backup", "--keep-last", "1", db, pattern).exits(0);
    assertEquals(3, backups().size());
    Cli.command("backup", "--keep-last", "1", moved, pattern)
        .with("SQLITE_SAFE_ID", "shop")
        .run()
        .exits(0);
    assertEquals(3, backups().size());
    Refusal.of(db, "backup", "--id", "", db, folder).expect(2, "--id");
    Refusal.of(db, "backup", "--id", "a\nb", db, folder).expect(2, "--id");
    Cli.command("backup", "--keep-last", "1", db, pattern)
        .with("SQLITE_SAFE_ID", "")
        .run()
        .exits(2)
        .says("SQLITE_SAFE_ID");
  }

  /** Manifests of the first format have only a path. The manual says how they are adopted. */
  @Test
  void earlierBackupsWithoutIdentityAreLeftAloneUntilTheyAreAdopted() throws IOException {
    String pattern = folder + "/{utc:n}.sqlite";
    for (int i = 0; i < 2; i++) {
      Cli.run("backup", db, pattern).exits(0);
    }
    String machine = "\"machine\":\"[0-9a-f]*\",";
    for (Path manifest : manifests()) {
      String text = Files.readString(manifest);
      Files.writeString(
          manifest,
          text.replace("manifest.v2", "manifest.v1")
              .replaceFirst(machine, "")
              .replaceFirst("\"host\":\"[^\"]*\",", "")
              .replaceFirst("\"empty\":false,", ""));
    }
    Map<String, Object> made =
        Cli.run("backup", "--json", "--keep-last", "1", db, pattern).exits(0).json();
    assertEquals(2L, Json.at(made, "retention", "withoutIdentity"));
    assertEquals(3, backups().size());
    Program.of("sh", "-c", "sed -i 's/^{/{\"id\":\"shop\",/' *.json").in(folder).run().exits(0);
    Cli.run("backup", "--id", "shop", "--keep-last", "1", db, pattern).exits(0);
    assertEquals(1, backups().size());
  }

  private List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).toList();
    }
  }

  // ---- retention ------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"0 bytes", "no tables"})
  void anEmptiedDatabaseDoesNotRotateItsContentAway(String how) throws IOException {
    String pattern = folder + "/{utc:n}.sqlite";
    Path named = directory.resolve("named");
    String good =
        (String)
            Cli.run("backup", "--json", "--keep-last", "1", db, pattern)
                .exits(0)
                .json()
                .get("destination");
    Cli.run("backup", db, named).exits(0);
    if (how.equals("0 bytes")) {
      Damage.resize(db, 0);
    } else {
      Damage.sql(db, "DROP TABLE t", "VACUUM");
    }
    for (int night = 0; night < 3; night++) {
      Cli.run("backup", "--keep-last", "1", db, pattern)
          .exits(3)
          .says("which is kept against the rules");
    }
    assertEquals(2, backups().size());
    Cli.run("backup", "--if-changed", "--keep-last", "1", db, pattern)
        .exits(3)
        .says("holds no table");
    assertEquals(2, backups().size());
    assertTrue(Files.exists(Path.of(good)));
    Map<String, Object> aside = Cli.run("backup", "--json", db, named).exits(3).json();
    assertEquals(
        List.of("one"), Db.column(Path.of((String) aside.get("setAside")), "SELECT v FROM t"));
    Cli.run("backup", db, named).exits(0);
    Cli.run("restore", good, db).exits(0);
    Cli.run("backup", "--keep-last", "1", db, pattern).exits(0);
    assertEquals(1, backups().size());
  }

  @Test
  void aDryRunDeletesNothingAndSaysWhatWouldBe() throws IOException {
    String pattern = folder + "/{utc:n}.sqlite";
    for (int i = 0; i < 3; i++) {
      Cli.run("backup", db, pattern).exits(0);
    }
    Path metrics = directory.resolve("m.prom");
    Untouched untouched = Untouched.of(folder);
    Result text =
        Cli.run("backup", "--dry-run", "--keep-last", "2", "--metrics", metrics, db, pattern);
    text.exits(0);
    assertEquals(
        2, Pattern.compile("would delete ").matcher(text.out()).results().count(), text::toString);
    Map<String, Object> json =
        Cli.run("backup", "--json", "--dry-run", "--keep-last", "2", db, pattern).exits(0).json();
    assertEquals(true, json.get("dryRun"));
    assertEquals(2, ((List<?>) Json.at(json, "retention", "deleted")).size());
    untouched.check();
    assertEquals(3, backups().size());
    assertTrue(Files.notExists(metrics));
    Path copy = directory.resolve("copy");
    for (String command : COMMANDS) {
      Cli.run(command, "--dry-run", db, copy).exits(0);
    }
    assertTrue(Files.notExists(copy));
    Refusal.of(db, "backup", "--dry-run", db, db).expect(15, "is the database itself");
  }

  /** Held back against the rules: of this database 3, of others nothing. */
  @Test
  void whatIsHeldBackIsTold() throws IOException {
    String pattern = folder + "/{utc:n}.sqlite";
    String old =
        (String) Cli.run("backup", "--json", db, pattern).exits(0).json().get("destination");
    Files.createFile(Db.sibling(Path.of(old), "-wal"));
    Cli.run("backup", "--keep-last", "1", db, pattern).exits(3).says("was not deleted");
    Cli.run("backup", "--dry-run", "--keep-last", "1", db, pattern).exits(3);
    Cli.run("backup", "--id", "other", "--keep-last", "1", db, pattern).exits(0);
  }

  // ---- manifests of others --------------------------------------------------------------------

  /** In a directory like /tmp anybody can put a manifest beside a file that is not theirs. */
  @ParameterizedTest
  @CsvSource({"1777, true", "3775, true", "0777, false"})
  void aManifestThatAnotherUserHasPutThere(String mode, boolean planted) throws IOException {
    assumeTrue(Privileges.root(), "files of another user can only be made by root");
    String pattern = folder + "/{utc:n}.sqlite";
    Cli.run("backup", db, pattern).exits(0);
    Path backup = folder.resolve(backups().get(0));
    Path precious = Files.copy(backup, folder.resolve("precious"));
    Path manifest = Db.sibling(precious, ".json");
    Files.writeString(
        manifest,
        Files.readString(Db.sibling(backup, ".json"))
            .replace(backup.getFileName().toString(), "precious")
            .replaceFirst("\"createdAt\":\"[0-9]*", "\"createdAt\":\"2001"));
    Program.of("chown", "65534", manifest).run().exits(0);
    Program.of("chmod", mode, folder).run().exits(0);
    if (planted) {
      Refusal.of(db, "backup", db, precious).expect(15, "another user's");
      assertEquals(
          false,
          Cli.run("backup", "--json", "--dry-run", "--if-changed", "--overwrite", db, precious)
              .exits(0)
              .json()
              .get("skipped"));
    }
    Map<String, Object> made =
        Cli.run("backup", "--json", "--keep-last", "1", db, pattern).exits(0).json();
    assertEquals(planted ? 1L : 0L, Json.at(made, "retention", "others"), made::toString);
    assertEquals(planted, Files.exists(precious));
    assertEquals(planted ? 2 : 1, backups().size());
  }

  /** Neither is a manifest that a crash has left, as it seems, for a file of somebody else's. */
  @Test
  void anUnfinishedManifestThatAnotherUserHasPutThere() throws IOException {
    assumeTrue(Privileges.root(), "files of another user can only be made by root");
    Path copy = folder.resolve("copy");
    Cli.run("backup", db, copy).exits(0);
    Path left = folder.resolve(".sqlite-safe-tmp.left.json");
    Files.move(Db.sibling(copy, ".json"), left);
    Cli.run("backup", "--dry-run", db, copy).exits(0);
    Program.of("chown", "65534", left).run().exits(0);
    Program.of("chmod", "1777", folder).run().exits(0);
    Refusal.of(db, "backup", db, copy).expect(15, "no manifest");
  }

  // ---- outputs beside the backup ------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"backup, ''", "backup, .json", "copy, ''", "vacuum-into, ''", "vacuum-into, .json"})
  void aLockLogIsNotTheBackup(String command, String suffix) {
    Path copy = folder.resolve("copy");
    Path log = suffix.isEmpty() ? copy : Db.sibling(copy, suffix);
    Refusal.of(db, command, db, copy, "--lock-log", log).expect(15, "--lock-log");
    assertTrue(Files.notExists(log));
  }

  // ---- whether anything has changed -----------------------------------------------------------

  /** Another file with the same counters, put there or written over it. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aDatabaseThatWasReplacedHasChanged(boolean inPlace) throws IOException {
    Path other =
        Db.create(directory, "other.db", "CREATE TABLE t(v)", "INSERT INTO t VALUES('two')");
    assertEquals(Files.size(db), Files.size(other));
    FileTime time = Files.getLastModifiedTime(db);
    // Only of a file that was not written to just now its times are told apart.
    Await.until("times that are past", () -> time.toMillis() + 3000 < System.currentTimeMillis());
    Object[] words = {"backup", "--json", "--if-changed", db, folder};
    Cli.run(words).exits(0);
    assertEquals(true, Cli.run(words).exits(0).json().get("skipped"));
    if (inPlace) {
      Files.write(db, Files.readAllBytes(other));
    } else {
      Files.move(other, db, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    Files.setLastModifiedTime(db, time);
    assertEquals(false, Cli.run(words).exits(0).json().get("skipped"));
  }

  @Test
  void aLastBackupThatIsDamagedIsNotTakenForGood() throws IOException {
    Object[] words = {"backup", "--json", "--if-changed", db, folder};
    Path last = Path.of((String) Cli.run(words).exits(0).json().get("destination"));
    FileTime time = Files.getLastModifiedTime(last);
    Damage.write(last, Files.size(last) - 2, (byte) 'Z');
    Files.setLastModifiedTime(last, time);
    Map<String, Object> made = Cli.run(words).exits(3).json();
    assertEquals(false, made.get("skipped"));
    Cli.run("integrity-check", made.get("destination")).exits(0);
    assertEquals(true, Cli.run(words).exits(0).json().get("skipped"));
  }
}
