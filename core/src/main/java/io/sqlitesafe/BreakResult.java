package io.sqlitesafe;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.lock.LockManager.BreakOutcome;
import io.sqlitesafe.internal.owner.Admission;
import io.sqlitesafe.internal.owner.Drained;
import io.sqlitesafe.internal.owner.Site;
import io.sqlitesafe.lock.Evidence;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.Holder;
import io.sqlitesafe.lock.LockToken;
import io.sqlitesafe.lock.OtherLock;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How breaking a lock ended, and in what state the database was found.
 *
 * @param broken whose lock was (or, in a dry run, would be) broken; null where none was held
 * @param evidence on what; null where a person's word replaced the judgement
 * @param dryRun nothing was touched
 * @param readers readers of network-exclusive access whose shared locks were (would be) removed
 * @param foreign what was (would be) removed that is another program's lock; null where none was
 * @param check whether the database was looked at afterwards, and what was found
 */
public record BreakResult(
    @Nullable Holder broken,
    @Nullable Evidence evidence,
    boolean dryRun,
    @Nullable Check check,
    List<Holder> readers,
    @Nullable OtherLock foreign) {
  /**
   * The database after the break.
   *
   * @param recoveredJournal the dead owner's journal was rolled back
   * @param problems what quick_check found; empty = sound
   * @param notDone why there was no check (the broken owner may still be inside SQLite); null =
   *     there was
   */
  public record Check(boolean recoveredJournal, List<String> problems, @Nullable String notDone) {}

  static BreakResult of(Site site, @Nullable LockToken forced, boolean dryRun) {
    BreakOutcome outcome =
        forced == null
            ? site.manager().breakStale(site.request(), dryRun)
            : site.manager().forceBreak(forced, dryRun);
    List<Holder> readers =
        forced == null ? site.manager().breakStaleReaders(site.request(), dryRun) : List.of();
    if (!(outcome instanceof BreakOutcome.Broken broken)) {
      return new BreakResult(null, null, dryRun, null, readers, null);
    }
    boolean look = !dryRun && Files.exists(site.file());
    return new BreakResult(
        broken.holder(),
        broken.evidence(),
        dryRun,
        look ? recoverAndCheck(site) : null,
        readers,
        null);
  }

  static BreakResult ofForeign(Site site, boolean force, boolean dryRun) {
    OtherLock removed = site.manager().breakForeign(force, dryRun);
    boolean look = removed != null && !dryRun && Files.exists(site.file());
    return new BreakResult(
        null, null, dryRun, look ? recoverAndCheck(site) : null, List.of(), removed);
  }

  private static Check recoverAndCheck(Site site) {
    List<String> problems = new ArrayList<>();
    try (ExclusiveLock lock = new Admission(site).lock();
        Drained drained = Drained.toLook(site, lock)) {
      problems.addAll(drained.database().unguarded().problems("PRAGMA quick_check"));
      return new Check(drained.recovered(), problems, null);
    } catch (SqliteSafeException e) {
      // The break itself is done, whatever comes of the look behind it.
      if (e.kind() != ErrorKind.DAMAGED) {
        return new Check(false, List.of(), String.valueOf(e.getMessage()));
      }
      problems.add(String.valueOf(e.getMessage()));
      return new Check(false, problems, null);
    }
  }
}
