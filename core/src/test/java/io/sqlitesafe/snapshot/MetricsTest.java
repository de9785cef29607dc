package io.sqlitesafe.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.internal.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
  @TempDir Path directory;

  private static Metrics backup(String database, boolean success, long millis) {
    return Metrics.ofBackup(
        database,
        success ? result() : null,
        CheckLevel.QUICK,
        Instant.ofEpochMilli(millis),
        Duration.ofMillis(1500));
  }

  private static @Nullable BackupResult result() {
    return new BackupResult(
        Path.of("b"),
        BackupResult.Outcome.MADE,
        Manifests.of("/srv/app.db", "b", Instant.EPOCH, 8192, true),
        null,
        Duration.ofMillis(41),
        new Retention.Outcome(List.of(Path.of("b")), List.of(), 0, 0, List.of()),
        null,
        List.of());
  }

  private static Metrics drill(String database, boolean success, long millis) {
    return Metrics.ofDrill(
        database, success, 2, Instant.ofEpochMilli(millis), Duration.ofMillis(250));
  }

  private static List<String> samples(String text, String database, String shortName) {
    return text.lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.replace("database=\"" + database + "\"", shortName))
        .toList();
  }

  @Test
  void textIsGolden() throws IOException {
    Path file = directory.resolve("x.prom");
    String name = "/srv/a \"b\"\\c\nd.db";
    MetricsFile.write(file, List.of(backup(name, true, 1_764_000_000_250L)));
    MetricsFile.write(file, List.of(drill(name, true, 1_764_000_001_000L)));
    assertEquals(
        List.of(
            "sqlite_safe_backup_success{DB} 1",
            "sqlite_safe_backup_skipped{DB} 0",
            "sqlite_safe_backup_last_run_timestamp_seconds{DB} 1764000000.250",
            "sqlite_safe_backup_last_success_timestamp_seconds{DB} 1764000000.250",
            "sqlite_safe_backup_duration_seconds{DB} 1.500",
            "sqlite_safe_backup_size_bytes{DB} 8192",
            "sqlite_safe_backup_longest_stall_seconds{DB} 0.041",
            "sqlite_safe_backup_check_ok{DB,level=\"quick\"} 1",
            "sqlite_safe_backup_kept{DB} 1",
            "sqlite_safe_backup_warnings{DB} 0",
            "sqlite_safe_drill_success{DB} 1",
            "sqlite_safe_drill_last_run_timestamp_seconds{DB} 1764000001.000",
            "sqlite_safe_drill_last_success_timestamp_seconds{DB} 1764000001.000",
            "sqlite_safe_drill_duration_seconds{DB} 0.250",
            "sqlite_safe_drill_backups{DB} 2"),
        samples(Files.readString(file), "/srv/a \\\"b\\\"\\\\c\\nd.db", "DB"));
  }

  /** As Prometheus wants it: all samples of a metric together, under one HELP and one TYPE. */
  @Test
  void oneFileHoldsSeveralDatabases() throws IOException {
    Path file = directory.resolve("x.prom");
    for (String name : List.of("/a.db", "/b.db", "/a.db", "/a.db.old", "/b.db")) {
      MetricsFile.write(file, List.of(backup(name, true, 1000), drill(name, true, 2000)));
    }
    List<String> lines = Files.readString(file).lines().toList();
    assertEquals(15 * (2 + 3), lines.size(), lines.toString());
    for (int i = 0; i < lines.size(); i += 5) {
      String name = lines.get(i + 2).substring(0, lines.get(i + 2).indexOf('{'));
      assertTrue(lines.get(i).startsWith("# HELP " + name + " "), lines.get(i));
      assertEquals("# TYPE " + name + " gauge", lines.get(i + 1));
      assertTrue(lines.get(i + 3).startsWith(name + "{"), lines.get(i + 3));
      assertTrue(lines.get(i + 4).startsWith(name + "{"), lines.get(i + 4));
    }
  }

  @Test
  void failureKeepsTheTimeOfTheLastSuccess() throws IOException {
    Path file = directory.resolve("backup.prom");
    MetricsFile.write(file, List.of(backup("/a.db", true, 1_000_000), drill("/a.db", true, 1)));
    MetricsFile.write(file, List.of(backup("/a.db", false, 2_000_000)));
    MetricsFile.write(file, List.of(backup("/a.db", false, 3_000_000), drill("/a.db", false, 2)));
    String text = Files.readString(file);
    assertTrue(text.contains("backup_last_success_timestamp_seconds{database=\"/a.db\"} 1000.000"));
    assertTrue(text.contains("backup_last_run_timestamp_seconds{database=\"/a.db\"} 3000.000"));
    assertTrue(text.contains("backup_success{database=\"/a.db\"} 0"));
    assertTrue(text.contains("drill_success{database=\"/a.db\"} 0"));
    assertTrue(text.contains("drill_last_success_timestamp_seconds{database=\"/a.db\"} 0.001"));
    assertFalse(text.contains("size_bytes"), text);
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  /** A backup without a manifest says of no database; nobody would ever replace what it left. */
  @Test
  void whatIsUnknownGoesWithTheNextDrill() throws IOException {
    Path file = directory.resolve("x.prom");
    MetricsFile.write(file, List.of(drill(Metrics.UNKNOWN, false, 1000)));
    MetricsFile.write(file, List.of(drill("/a.db", true, 2000)));
    assertFalse(Files.readString(file).contains(Metrics.UNKNOWN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"up{} 1\n", "root:x:0:0\n", "sqlite_safe", "# HELP up Up.\n"})
  void anotherFileInItsPlaceIsNotReplaced(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("x.prom"), text);
    assertThrows(
        IOException.class,
        () -> MetricsFile.write(file, List.of(backup("/a.db", false, 3_000_000))));
    assertEquals(text, Files.readString(file));
  }

  /** Two jobs at once: none may write over the other. */
  @Test
  void writersTakeTurns() throws IOException, InterruptedException {
    Path file = directory.resolve("x.prom");
    List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String name = "/" + i + ".db";
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int n = 0; n < 5; n++) {
                    MetricsFile.write(file, List.of(backup(name, true, n)));
                  }
                } catch (IOException e) {
                  thrown.add(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), thrown);
    assertEquals(
        8,
        Files.readString(file)
            .lines()
            .filter(l -> l.startsWith("sqlite_safe_backup_kept{"))
            .count());
  }
}
