package io.sqlitesafe.snapshot;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which backups to keep, by the rules that restic made known: of each of the last N days (weeks,
 * months) that have a backup, the last one; and the last N of all. A backup stays as long as one
 * rule wants it. Days, ISO weeks and months are those of UTC.
 *
 * @param last how many of the newest to keep; 0 = this rule keeps none
 * @param daily for how many days
 * @param weekly for how many weeks
 * @param monthly for how many months
 */
public record Retention(int last, int daily, int weekly, int monthly) {
  /** Keeps everything. */
  public static final Retention NONE = new Retention(0, 0, 0, 0);

  /** Whether there is any rule; without one nothing is ever deleted. */
  public boolean isActive() {
    return last > 0 || daily > 0 || weekly > 0 || monthly > 0;
  }

  /** A backup with its manifest. */
  public record Backup(Path file, Manifest manifest) {}

  /**
   * A backup's fate.
   *
   * @param reasons the rules that keep it ({@code last}, {@code daily}, {@code weekly}, {@code
   *     monthly}, {@code last good}); empty = it goes
   */
  public record Decision(Backup backup, List<String> reasons) {
    public boolean keep() {
      return !reasons.isEmpty();
    }
  }

  /**
   * What became of a directory.
   *
   * @param kept newest first
   * @param deleted oldest first
   * @param warnings what could not be deleted, and why; one makes exit status 3
   */
  public record Outcome(List<Path> kept, List<Path> deleted, List<String> warnings) {}

  /** Decides on every backup; newest first. Pure. */
  public List<Decision> decide(List<Backup> backups) {
    throw new SqliteSafeException(ErrorKind.INTERNAL, "not there yet", null);
  }

  /**
   * Deletes, in {@code directory}, what no rule keeps of the backups of {@code source}: files that
   * a manifest of ours describes and that are still of the size it says, never the last one that
   * was verified, never {@code fresh}. A deletion that fails is a warning.
   *
   * @param source as manifests name it
   * @param fresh the backup just made; null where there is none
   */
  public Outcome apply(Path directory, String source, @Nullable Path fresh) {
    throw new SqliteSafeException(ErrorKind.INTERNAL, "not there yet", null);
  }
}
