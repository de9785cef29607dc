package io.sqlitesafe.internal.changeset;

import io.sqlitesafe.changeset.ApplyResult;
import io.sqlitesafe.changeset.ConflictKind;
import io.sqlitesafe.changeset.Operation;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Counts while changesets are applied. */
public final class ApplyCounts {
  private final Set<String> tables = new LinkedHashSet<>();
  private final long[] applied = new long[Operation.values().length];
  private final Map<ConflictKind, Long> conflicts = new EnumMap<>(ConflictKind.class);
  long replaced;
  long omitted;

  public void table(String name) {
    tables.add(name);
  }

  public Set<String> tables() {
    return tables;
  }

  void applied(Operation operation) {
    applied[operation.ordinal()]++;
  }

  public void conflict(ConflictKind kind) {
    conflicts.merge(kind, 1L, Long::sum);
  }

  /** A state to come back to. */
  record Mark(long inserts, long updates, long deletes, long replaced, long omitted) {}

  Mark mark() {
    return new Mark(
        applied[Operation.INSERT.ordinal()],
        applied[Operation.UPDATE.ordinal()],
        applied[Operation.DELETE.ordinal()],
        replaced,
        omitted);
  }

  void reset(Mark mark) {
    applied[Operation.INSERT.ordinal()] = mark.inserts;
    applied[Operation.UPDATE.ordinal()] = mark.updates;
    applied[Operation.DELETE.ordinal()] = mark.deletes;
    replaced = mark.replaced;
    omitted = mark.omitted;
  }

  public ApplyResult report() {
    return new ApplyResult(
        new LinkedHashSet<>(tables),
        applied[Operation.INSERT.ordinal()],
        applied[Operation.UPDATE.ordinal()],
        applied[Operation.DELETE.ordinal()],
        replaced,
        omitted,
        new EnumMap<>(conflicts));
  }
}
