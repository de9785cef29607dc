package io.sqlitesafe.internal.owner;

import io.sqlitesafe.internal.db.GroupPolicy;
import io.sqlitesafe.sql.StatementListener;
import org.jspecify.annotations.Nullable;

/** Notices whether a unit of work leaves something on its connection that the next could notice. */
final class Traces implements StatementListener {
  private @Nullable String harmless;
  private boolean left;

  /** Another unit of work begins. */
  void begin() {
    left = false;
  }

  /** Whether the connection must not be used again. */
  boolean any() {
    return left;
  }

  @Override
  public void prepared(String sql) {
    if (left || sql.equals(harmless)) {
      return;
    }
    if (GroupPolicy.leavesNothing(sql)) {
      harmless = sql;
    } else {
      left = true;
    }
  }

  @Override
  public void done(String sql) {}

  @Override
  public void bypassed() {
    left = true;
  }
}
