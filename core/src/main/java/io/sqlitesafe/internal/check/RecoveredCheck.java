package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.recover.ResultCheck;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The full integrity check of a database that was recovered. Stateless. */
public final class RecoveredCheck implements ResultCheck {
  private static final int MOST_NOTES = 20;
  private static final int CACHE_KIB = 32 * 1024;

  /** Rows may break rules of the data as they did before, and that is no damage. */
  @Override
  public Checked check(Path file, Cancellation cancellation) {
    CheckResult report =
        new DatabaseCheck(
                CheckRequest.defaults()
                    .withLevel(CheckLevel.FULL)
                    .withCacheKiB(CACHE_KIB)
                    .withCancellation(cancellation))
            .checkPrivate(file);
    List<String> damage = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (CheckResult.Problem problem : report.problems()) {
      if (problem.kind().damage()) {
        damage.add(problem.message());
      } else if (notes.size() < MOST_NOTES) {
        notes.add(problem.message());
      }
    }
    notes.addAll(report.notes());
    return new Checked(damage, notes);
  }
}
