package io.sqlitesafe.changeset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a difference holds, and how it was found.
 *
 * @param leftOut what differs, and a changeset cannot hold; empty = the changeset is complete
 * @param pages how many pages differ, where pages were compared first; else null
 * @param allRowsBecause why pages were of no use, though asked for; null where they were
 */
public record Exported(
    ChangeCounts counts,
    List<NotCaptured> leftOut,
    @Nullable PageCounts pages,
    @Nullable String allRowsBecause) {
  /**
   * Pages.
   *
   * @param different among {@code all} of the database
   */
  public record PageCounts(long different, long all) {}
}
