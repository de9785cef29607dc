package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.fs.Durable;
import io.sqlitesafe.internal.fs.PlantedFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One application of a {@link Retention} to a directory. */
final class RetentionRun {
  private static final List<String> IN_USE = List.of("-wal", "-shm", "-journal");

  private final Retention policy;
  private final Path directory;
  private final Identity identity;
  private final List<String> warnings = new ArrayList<>();
  private int others;
  private int withoutIdentity;

  RetentionRun(Retention policy, Path directory, Identity identity) {
    this.policy = policy;
    this.directory = directory.toAbsolutePath();
    this.identity = identity;
  }

  Retention.Outcome apply(@Nullable Path fresh) {
    return run(backups(), fresh, this::delete);
  }

  Retention.Outcome plan(Retention.Backup fresh) {
    List<Retention.Backup> all = new ArrayList<>(backups());
    all.removeIf(backup -> backup.file().equals(fresh.file()));
    all.add(fresh);
    return run(all, fresh.file(), this::isFree);
  }

  private Retention.Outcome run(
      List<Retention.Backup> backups, @Nullable Path fresh, Predicate<Path> removal) {
    List<Path> kept = new ArrayList<>();
    List<Path> deleted = new ArrayList<>();
    List<Retention.Decision> decisions = policy.decide(backups);
    for (Retention.Decision decision : decisions) {
      Path file = decision.backup().file();
      if (decision.keep() || isSame(file, fresh)) {
        kept.add(file);
      } else {
        deleted.add(0, file); // oldest first, so that a run cut short leaves the newer ones
      }
    }
    tellOfContent(decisions);
    deleted.removeIf(file -> !removal.test(file));
    if (!deleted.isEmpty()) {
      sync();
    }
    return new Retention.Outcome(kept, deleted, others, withoutIdentity, List.copyOf(warnings));
  }

  private static boolean isSame(Path file, @Nullable Path fresh) {
    return fresh != null && Objects.equals(file.getFileName(), fresh.getFileName());
  }

  private void tellOfContent(List<Retention.Decision> newestFirst) {
    if (newestFirst.isEmpty() || newestFirst.get(0).backup().hasContent()) {
      return;
    }
    newestFirst.stream()
        .filter(decision -> decision.backup().hasContent())
        .findFirst()
        .ifPresent(
            last ->
                warnings.add(
                    "the newest backup holds no table; the last one that does is "
                        + last.backup().file()
                        + (last.isHeldBack() ? ", which is kept against the rules" : "")
                        + "; if that is meant, delete it by hand"));
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
    String name = path.getFileName() + "";
    if (manifest == null || !name.equals(manifest.file().name() + ".json")) {
      return null;
    }
    Path file = path.resolveSibling(manifest.file().name());
    if (!isPlain(file) || !isOurs(manifest.identity(), path)) {
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

  private boolean isOurs(Identity of, Path manifest) {
    if (of.isSameAs(identity) && !PlantedFile.is(manifest, Path.of(identity.source()))) {
      return true;
    }
    if (of.isPathOnly() && of.source().equals(identity.source())) {
      withoutIdentity++;
    } else {
      others++;
    }
    return false;
  }

  private static boolean isPlain(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean isFree(Path file) {
    for (String suffix : IN_USE) {
      if (Files.exists(file.resolveSibling(file.getFileName() + suffix))) {
        warnings.add(file + " was not deleted: " + suffix + " beside it says that it is in use");
        return false;
      }
    }
    return true;
  }

  private boolean delete(Path file) {
    if (!isFree(file)) {
      return false;
    }
    try {
      // The manifest last: without it nobody would ever delete the file.
      Files.delete(file);
      Files.deleteIfExists(Manifest.pathFor(file));
      return true;
    } catch (NoSuchFileException byAnotherRun) {
      return false;
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
