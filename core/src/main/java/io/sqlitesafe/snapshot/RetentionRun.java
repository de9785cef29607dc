package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.fs.Durable;
import io.sqlitesafe.snapshot.manifest.Manifest;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One application of a {@link Retention} to a directory. */
final class RetentionRun {
  private static final List<String> IN_USE = List.of("-wal", "-shm", "-journal");

  private final Retention policy;
  private final Path directory;
  private final String source;
  private final @Nullable Path fresh;
  private final List<String> warnings = new ArrayList<>();

  RetentionRun(Retention policy, Path directory, String source, @Nullable Path fresh) {
    this.policy = policy;
    this.directory = directory.toAbsolutePath();
    this.source = source;
    this.fresh = fresh;
  }

  Retention.Outcome run() {
    List<Path> kept = new ArrayList<>();
    List<Path> deleted = new ArrayList<>();
    for (Retention.Decision decision : policy.decide(backups())) {
      Path file = decision.backup().file();
      if (decision.keep() || isFresh(file)) {
        kept.add(file);
      } else {
        deleted.add(0, file); // oldest first, so that a run cut short leaves the newer ones
      }
    }
    deleted.removeIf(file -> !delete(file));
    if (!deleted.isEmpty()) {
      sync();
    }
    return new Retention.Outcome(kept, deleted, List.copyOf(warnings));
  }

  private boolean isFresh(Path file) {
    return fresh != null && Objects.equals(file.getFileName(), fresh.getFileName());
  }

  private List<Retention.Backup> backups() {
    List<Retention.Backup> backups = new ArrayList<>();
    try (DirectoryStream<Path> manifests = Files.newDirectoryStream(directory, "*.json")) {
      for (Path manifest : manifests) {
        Retention.Backup backup = backup(manifest);
        if (backup != null) {
          backups.add(backup);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      warnings.add("cannot list " + directory + ", nothing was deleted: " + e.getMessage());
      return List.of();
    }
    return backups;
  }

  /** Null where it is no manifest of a backup of this source that lies beside it. */
  private Retention.@Nullable Backup backup(Path path) {
    Manifest manifest;
    try {
      manifest = isPlain(path) ? Manifest.read(path) : null;
    } catch (SqliteSafeException notOurs) {
      return null;
    }
    if (manifest == null || !manifest.source().equals(source)) {
      return null;
    }
    String name = path.getFileName() + "";
    if (!name.equals(manifest.file().name() + ".json")) {
      return null;
    }
    Path file = path.resolveSibling(manifest.file().name());
    if (!isPlain(file)) {
      return null;
    }
    try {
      if (Files.size(file) == manifest.file().bytes()) {
        return new Retention.Backup(file, manifest);
      }
      warnings.add(file + " is not as its manifest says; neither counted nor deleted");
    } catch (IOException e) {
      warnings.add(file + " was not counted: " + e.getMessage());
    }
    return null;
  }

  private static boolean isPlain(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean delete(Path file) {
    for (String suffix : IN_USE) {
      if (Files.exists(file.resolveSibling(file.getFileName() + suffix))) {
        warnings.add(file + " was not deleted: " + suffix + " beside it says that it is in use");
        return false;
      }
    }
    try {
      // The manifest last: without it nobody would ever delete the file.
      Files.delete(file);
      Files.deleteIfExists(Manifest.pathFor(file));
      return true;
    } catch (IOException e) {
      warnings.add(file + " could not be deleted: " + e.getMessage());
      return false;
    }
  }

  private void sync() {
    try {
      Durable.syncDirectory(directory);
    } catch (IOException e) {
      warnings.add("cannot sync " + directory + ": " + e.getMessage());
    }
  }
}
