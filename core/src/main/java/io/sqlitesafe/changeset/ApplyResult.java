package io.sqlitesafe.changeset;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * What was applied.
 *
 * @param tables names of the tables for which there were changes, in order
 * @param replaced how many of the applied changes won over a row that was there otherwise
 * @param omitted changes passed over, by the handler's decision or because they were no-ops
 * @param conflicts how often the handler was asked, by kind
 */
public record ApplyResult(
    Set<String> tables,
    long inserts,
    long updates,
    long deletes,
    long replaced,
    long omitted,
    Map<ConflictKind, Long> conflicts) {

  public ApplyResult {
    tables = Collections.unmodifiableSet(tables);
    conflicts = Collections.unmodifiableMap(new EnumMap<>(conflicts));
  }

  /** Changes that are now in the database. */
  public long applied() {
    return inserts + updates + deletes;
  }
}
