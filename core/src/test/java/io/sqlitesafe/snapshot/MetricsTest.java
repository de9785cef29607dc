package io.sqlitesafe.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  @TempDir Path directory;

  @Test
  void textIsGolden() {
    List<String> samples =
        metrics("/srv/a \"b\"\\c\nd.db", true, 1_764_000_000_250L, 8192L)
            .text(null)
            .lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.replace("database=\"/srv/a \\\"b\\\"\\\\c\\nd.db\"", "DB"))
            .toList();
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
            "sqlite_safe_backup_kept{DB} 7"),
        samples);
  }

  @Test
  void everySampleHasHelpAndType() {
    List<String> lines = metrics("/srv/app.db", true, 0, 1L).text(null).lines().toList();
    for (int i = 0; i < lines.size(); i += 3) {
      String name = lines.get(i + 2).substring(0, lines.get(i + 2).indexOf('{'));
      assertTrue(lines.get(i).startsWith("# HELP " + name + " "), lines.get(i));
      assertEquals("# TYPE " + name + " gauge", lines.get(i + 1));
    }
  }

  @Test
  void failureKeepsTheTimeOfTheLastSuccess() throws IOException {
    Path file = directory.resolve("backup.prom");
    metrics("/srv/app.db", true, 1_000_000, 1L).write(file);
    metrics("/srv/app.db", false, 2_000_000, null).write(file);
    metrics("/srv/app.db", false, 3_000_000, null).write(file);
    String text = Files.readString(file);
    assertTrue(text.contains("last_success_timestamp_seconds{database=\"/srv/app.db\"} 1000.000"));
    assertTrue(text.contains("last_run_timestamp_seconds{database=\"/srv/app.db\"} 3000.000"));
    assertTrue(text.contains("success{database=\"/srv/app.db\"} 0"));
    assertFalse(text.contains("size_bytes"), text);
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void anotherFileInItsPlaceSaysNothing() throws IOException {
    Path file = Files.writeString(directory.resolve("x.prom"), "up{} 1\nsqlite_safe");
    metrics("/srv/app.db", false, 3_000_000, null).write(file);
    assertFalse(Files.readString(file).contains("last_success"));
  }

  private static Metrics metrics(
      String database, boolean success, long millis, @Nullable Long bytes) {
    return new Metrics(
        database,
        success,
        false,
        Instant.ofEpochMilli(millis),
        Duration.ofMillis(1500),
        bytes,
        bytes == null ? null : Duration.ofMillis(41),
        CheckLevel.QUICK,
        bytes == null ? null : true,
        bytes == null ? null : 7);
  }
}
