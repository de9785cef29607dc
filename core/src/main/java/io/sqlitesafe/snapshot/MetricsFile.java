package io.sqlitesafe.snapshot;

import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.ResolvedPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of metrics in the text format of Prometheus
 * (prometheus.io/docs/instrumenting/exposition_formats), of any number of databases. Not
 * thread-safe; processes and threads that write to one file take turns.
 */
public final class MetricsFile {
  private static final int MAX_BYTES = 16 << 20;
  private static final long PATIENCE_MS = 10_000;
  private static final Pattern SAMPLE =
      Pattern.compile(
          "(sqlite_safe_(?:backup|drill)_)([a-z_]+)\\{database=\"((?:[^\"\\\\]|\\\\.)*)\"[^}]*} .+");
  private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) sqlite_safe_.*");

  /** Lines by the full names of their metrics. */
  private final Map<String, List<String>> lines = new LinkedHashMap<>();

  private MetricsFile() {
    Metrics.HELP.keySet().forEach(name -> lines.put(name, new ArrayList<>()));
  }

  /**
   * Puts {@code metrics} into {@code file}, in one step, so that a collector never sees half of it.
   * What it says of other databases stays, and so does the time of the last success of a run that
   * failed.
   *
   * @param file that {@link io.sqlitesafe.internal.fs.OutputRule} allows
   * @throws IOException where it cannot be written, or is a file of something else
   */
  public static void write(Path file, List<Metrics> metrics) throws IOException {
    Path target = ResolvedPath.of(file); // a link stays, what it names is replaced
    try (Turn turn = Turn.take(target)) {
      MetricsFile content = read(target);
      metrics.forEach(content::put);
      Durable.replace(target, content.text().getBytes(StandardCharsets.UTF_8));
    }
  }

  static MetricsFile read(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("it is not a regular file");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException firstRun) {
      return new MetricsFile();
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException("it is longer than any file of metrics");
    }
    return of(new String(bytes, StandardCharsets.UTF_8));
  }

  static MetricsFile of(String text) throws IOException {
    MetricsFile file = new MetricsFile();
    for (String line : text.split("\n", -1)) {
      Matcher sample = SAMPLE.matcher(line);
      if (sample.matches()) {
        file.add(sample.group(1) + sample.group(2), line);
      } else if (!line.isBlank() && !COMMENT.matcher(line).matches()) {
        throw new IOException("it holds something else than this program's metrics");
      }
    }
    return file;
  }

  private void add(String name, String line) {
    lines.computeIfAbsent(name, first -> new ArrayList<>()).add(line);
  }

  /** Replaces what there is of the same database and kind. */
  void put(Metrics metrics) {
    String prefix = metrics.kind().prefix();
    String database = Metrics.escaped(metrics.database());
    lines.forEach(
        (name, all) -> {
          boolean stays = !metrics.success() && name.equals(prefix + Metrics.LAST_SUCCESS);
          if (name.startsWith(prefix) && !stays) {
            all.removeIf(line -> isOf(line, database));
          }
          if (metrics.kind() == Metrics.Kind.DRILL && name.startsWith(prefix)) {
            // Of a backup without a manifest nobody would ever replace it.
            all.removeIf(line -> isOf(line, Metrics.UNKNOWN));
          }
        });
    metrics.lines().forEach((name, all) -> all.forEach(line -> add(name, line)));
  }

  private static boolean isOf(String line, String database) {
    Matcher sample = SAMPLE.matcher(line);
    return sample.matches() && sample.group(3).equals(database);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    lines.forEach(
        (name, all) -> {
          if (!all.isEmpty()) {
            String help = Metrics.HELP.getOrDefault(name, "Of another version.");
            text.append("# HELP ").append(name).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(name).append(" gauge\n");
            all.forEach(line -> text.append(line).append('\n'));
          }
        });
    return text.toString();
  }

  /**
   * One writer's turn: a lock on the file itself. Whoever waited for it may have the lock on a file
   * that has been replaced meanwhile, and begins again.
   */
  private record Turn(@Nullable FileChannel channel) implements AutoCloseable {
    static Turn take(Path file) throws IOException {
      long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
      while (true) {
        Object before = key(file);
        FileChannel channel = open(file);
        if (channel == null || (key(file) == null && Files.exists(file))) {
          return new Turn(channel); // no permission, or a system without identities
        }
        if (isLocked(channel) && Objects.equals(before, key(file)) && before != null) {
          return new Turn(channel);
        }
        channel.close();
        if (System.nanoTime() > end) {
          throw new IOException("others are writing to it all the time");
        }
        pause();
      }
    }

    private static @Nullable FileChannel open(Path file) throws IOException {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new IOException("it is not a regular file");
      }
      try {
        return FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      } catch (AccessDeniedException readOnly) {
        return null;
      }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
      try {
        FileLock lock = channel.tryLock();
        return lock != null;
      } catch (OverlappingFileLockException anotherThread) {
        return false;
      }
    }

    private static @Nullable Object key(Path file) {
      try {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      } catch (IOException absent) {
        return null;
      }
    }

    private static void pause() throws IOException {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public void close() throws IOException {
      if (channel != null) {
        channel.close();
      }
    }
  }
}
