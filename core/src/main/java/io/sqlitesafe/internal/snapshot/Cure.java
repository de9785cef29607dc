package io.sqlitesafe.internal.snapshot;

import io.sqlitesafe.internal.file.Destination;
import io.sqlitesafe.internal.host.ShellWord;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.CheckResult.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What helps against what an integrity check has found. Stateless. */
public final class Cure {
  /** Where backups are looked for: beside the database, and in these directories there. */
  private static final List<String> DIRECTORIES = List.of("", "backup", "backups");

  private Cure() {}

  /** In words, with the commands to run; for a report with problems. */
  public static String of(CheckResult report) {
    if (!report.isDamaged()) {
      return "the file itself is sound: correct the rows that are named, rebuild a full-text index"
          + " by INSERT INTO ft(ft) VALUES('rebuild')"
          + (hasForeignKeys(report)
              ? "; where the program that owns the data does not enforce foreign keys:"
                  + " --foreign-keys note"
              : "");
    }
    String file = ShellWord.of(report.file());
    if (report.needsOnlyReindex()) {
      Set<String> indexes = indexes(report);
      return "the tables are sound, nothing is lost; make the "
          + (indexes.size() == 1 ? "index" : "indexes")
          + " anew: sqlite-safe write "
          + file
          + " "
          + ShellWord.of(statements(indexes));
    }
    Path backup = newestBackup(report.file());
    String recover =
        "sqlite-safe recover " + file + " -o " + ShellWord.of(recovered(report.file()));
    return "keep the damaged file; "
        + (backup == null
            ? "restore a good backup (sqlite-safe restore BACKUP " + file + "), or get out of it"
            : "restore the newest backup that lies beside it: sqlite-safe restore "
                + ShellWord.of(backup)
                + " "
                + file
                + "; or get out of it")
        + " what is in it: "
        + recover;
  }

  private static boolean hasForeignKeys(CheckResult report) {
    return report.problems().stream().anyMatch(problem -> problem.kind() == Kind.FOREIGN_KEY);
  }

  private static Set<String> indexes(CheckResult report) {
    Set<String> indexes = new TreeSet<>();
    for (CheckResult.Problem problem : report.problems()) {
      if (problem.kind().damage()) {
        indexes.add(String.valueOf(problem.index()));
      }
    }
    return indexes;
  }

  private static String statements(Set<String> indexes) {
    StringBuilder sql = new StringBuilder();
    for (String index : indexes) {
      sql.append(sql.isEmpty() ? "" : "; ").append("REINDEX \"");
      sql.append(index.replace("\"", "\"\"")).append('"');
    }
    return sql.toString();
  }

  private static @Nullable Path newestBackup(Path file) {
    try {
      LockPaths paths = LockPaths.of(file);
      LastBackup newest = null;
      for (String directory : DIRECTORIES) {
        Path place = paths.directory().resolve(directory);
        if (!Files.isDirectory(place)) {
          continue;
        }
        LastBackup found =
            LastBackup.find(
                new Destination(place.resolve("any"), false),
                Backup.identity(paths.database(), null));
        if (found != null
            && found.manifest().check().ok()
            && (newest == null
                || found.manifest().createdAt().isAfter(newest.manifest().createdAt()))) {
          newest = found;
        }
      }
      return newest == null ? null : newest.file();
    } catch (IOException unreadable) {
      return null;
    }
  }

  /** A name for the new file that is free. */
  private static String recovered(Path file) {
    for (int i = 1; ; i++) {
      String name = file + ".recovered" + (i == 1 ? "" : "-" + i);
      if (!Files.exists(Path.of(name))) {
        return name;
      }
    }
  }
}
