package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Await;
import io.sqlitesafe.it.kit.Bank;
import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Damage;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import io.sqlitesafe.it.kit.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipe of README: the script, as cron and systemd would run it, against a busy database. */
class NightlyJobIT {
  private static final Path SAMPLES = Cli.module().resolve("../packaging/samples").normalize();

  @TempDir Path directory;
  private Path db;
  private Path backups;
  private Path metrics;

  @BeforeEach
  void make() throws IOException {
    db = Bank.create(directory, "it's app.db", "delete", 0);
    backups = Files.createDirectory(directory.resolve("back ups"));
    metrics = Files.createDirectory(directory.resolve("metrics"));
  }

  /**
   * With little of an environment, as cron gives it; and, like nights, no two in one second, which
   * is what a backup is named after.
   */
  private Program job(String keep) {
    long now = Instant.now().getEpochSecond();
    Await.until("another second", () -> Instant.now().getEpochSecond() > now);
    return Program.of(
        "env",
        "-i",
        "PATH=" + Cli.launcher().getParent() + ":/usr/bin:/bin",
        "KEEP=" + keep,
        SAMPLES.resolve("nightly-backup"),
        db,
        backups,
        metrics);
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(backups)) {
      return files.filter(file -> !file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private String sample(String name) throws IOException {
    return metric("sqlite_safe_backup_" + name);
  }

  private String drill(String name) throws IOException {
    return metric("sqlite_safe_drill_" + name);
  }

  private String metric(String name) throws IOException {
    return Files.readString(metrics.resolve("sqlite-safe-it's app.prom"))
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .findFirst()
        .orElse("none");
  }

  @Test
  void nightsOverABusyDatabase() throws IOException {
    List<Running> writers = Bank.writers(db);
    List<Path> made = new ArrayList<>();
    try {
      for (int night = 0; night < 3; night++) {
        Result result = job("--keep-last 2").run().exits(0);
        assertEquals("", result.out() + result.err(), "cron would send a mail");
        made.add(kept().get(kept().size() - 1));
      }
    } finally {
      writers.forEach(Running::close);
    }
    assertEquals(made.subList(1, 3), kept());
    assertEquals("1", sample("success"));
    assertEquals("2", sample("kept"));
    assertEquals("1", drill("success"));
    for (Path backup : kept()) {
      Path restored = directory.resolve("restored.db");
      Files.deleteIfExists(restored);
      Cli.run("restore", backup, restored).exits(0);
      Bank.assertWhole(restored);
    }
  }

  @Test
  void whatGoesWrongIsSaidAndTheEarlierBackupStays() throws IOException {
    job("--keep-last 1").run().exits(0);
    List<Path> before = kept();
    String success = sample("last_success_timestamp_seconds");
    Damage.scramble(db, Damage.page(db, "accounts", "leaf"));
    Result result = job("--keep-last 1").run().exits(14);
    result.says("damaged");
    assertEquals(before, kept());
    assertEquals("0", sample("success"));
    assertEquals(success, sample("last_success_timestamp_seconds"));
  }

  @Test
  void oldBackupThatCannotBeDeletedIsAWarning() throws IOException {
    job("--keep-last 1").run().exits(0);
    Path old = kept().get(0);
    Files.createFile(Db.sibling(old, "-wal")); // somebody has it open
    Result result = job("--keep-last 1").run().exits(3);
    result.says("was not deleted");
    assertEquals(2, kept().stream().filter(file -> !file.toString().endsWith("-wal")).count());
  }

  /** A scratch directory that is missing: the backup is there, and known not to have been tried. */
  @Test
  void aDrillThatFailsIsInTheMetrics() throws IOException {
    job("--keep-last 1").run().exits(0);
    String success = drill("last_success_timestamp_seconds");
    Program.of(
            "env",
            "-i",
            "PATH=" + Cli.launcher().getParent() + ":/usr/bin:/bin",
            "TMPDIR=" + directory.resolve("missing"),
            SAMPLES.resolve("nightly-backup"),
            db,
            backups,
            metrics)
        .run();
    assertEquals("0", drill("success"));
    assertEquals(success, drill("last_success_timestamp_seconds"));
  }

  @Test
  void aDirectoryThatIsNotThereIsNotMade() throws IOException {
    Files.delete(backups); // the disk is not mounted
    job("--keep-last 1").run().exits(1).says("no directory");
    assertTrue(Files.notExists(backups));
  }

  /** With a slash behind it an empty word would be the root directory. */
  @Test
  void aVariableThatIsNotSetIsNoDirectory() {
    Path job = SAMPLES.resolve("nightly-backup");
    Program.of(job, db, "").run().exits(2).says("usage");
    Program.of(job, "", backups).run().exits(2).says("usage");
  }

  @Test
  void aDirectoryForMetricsThatIsNotThereCostsNoBackup() throws IOException {
    Files.delete(metrics);
    job("--keep-last 1").run().exits(3).says("no directory");
    assertEquals(1, kept().size());
  }

  @Test
  void aNameLikeAnOption() throws IOException {
    Path option = Files.copy(db, directory.resolve("-x.db"));
    String path = Cli.launcher().getParent() + ":/usr/bin:/bin";
    Program.of(SAMPLES.resolve("nightly-backup"), option.getFileName(), "back ups")
        .in(directory)
        .with("PATH", path)
        .run()
        .exits(0);
    assertEquals(1, kept().size());
  }

  @Test
  void alertRulesNameMetricsThatThereAre() throws IOException {
    job("--keep-last 1").run().exits(0);
    String rules = Files.readString(SAMPLES.resolve("sqlite-safe-alerts.yml"));
    String text = Files.readString(metrics.resolve("sqlite-safe-it's app.prom"));
    List<String> names =
        java.util.regex.Pattern.compile("sqlite_safe_\\w+")
            .matcher(rules)
            .results()
            .map(java.util.regex.MatchResult::group)
            .distinct()
            .toList();
    assertTrue(names.size() >= 5, names::toString);
    names.forEach(name -> assertTrue(text.contains("\n" + name + "{"), name));
  }

  @Test
  void unitsAndCrontabAreWellFormed() throws IOException {
    String crontab = Files.readString(SAMPLES.resolve("sqlite-safe-backup.cron"));
    // In a crontab an unescaped % ends the command.
    assertTrue(crontab.lines().noneMatch(l -> !l.startsWith("#") && l.contains("%")), crontab);
    Program.of("sh", "-n", SAMPLES.resolve("nightly-backup")).run().exits(0);
    assertTrue(
        PosixFilePermissions.toString(
                Files.getPosixFilePermissions(SAMPLES.resolve("nightly-backup")))
            .startsWith("rwx"));
    assumeTrue(Program.exists("systemd-analyze"), "needs systemd-analyze");
    for (String unit : List.of("sqlite-safe-backup@.service", "sqlite-safe-backup@.timer")) {
      Result result =
          Program.of("systemd-analyze", "--man=no", "verify", SAMPLES.resolve(unit)).run();
      assertEquals("", result.err(), result::toString);
    }
  }

  /** By systemd's own measure, where it is installed; no running systemd is needed. */
  @Test
  void theUnitIsHardened() throws IOException {
    assumeTrue(Program.exists("systemd-analyze"), "systemd-analyze is not installed");
    Path unit = directory.resolve("sqlite-safe-backup@app.service");
    Files.copy(SAMPLES.resolve("sqlite-safe-backup@.service"), unit);
    Result result =
        Program.of("systemd-analyze", "security", "--offline=yes", "--no-pager", unit).run();
    Matcher level = Pattern.compile("Overall exposure level .*: ([0-9.]+) ").matcher(result.out());
    assumeTrue(level.find(), () -> "it cannot measure a file: " + result);
    assertTrue(Double.parseDouble(level.group(1)) <= 4, result::toString);
  }
}
