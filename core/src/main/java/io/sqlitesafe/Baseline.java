package io.sqlitesafe;

import io.sqlitesafe.sql.Handle;
import io.sqlitesafe.sql.Precondition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an optimistic write reads before it has the lock. Whatever the computation depends on is
 * declared here, and holds again when the write happens, or the write does not happen. Valid only
 * while the baseline is read.
 */
public final class Baseline {
  private final Handle handle;
  private final List<Precondition> preconditions = new ArrayList<>();

  Baseline(Handle handle) {
    this.handle = handle;
  }

  /** Reads rows, and declares that they must still be the same. */
  public List<Map<String, @Nullable Object>> unchanged(String sql, @Nullable Object... values) {
    List<Map<String, @Nullable Object>> rows = handle.rows(sql, values);
    preconditions.add(new Precondition.SameRows(sql, new ArrayList<>(Arrays.asList(values)), rows));
    return rows;
  }

  /** Declares that no table, index, view or trigger may have changed meanwhile. */
  public void schemaUnchanged() {
    unchanged("PRAGMA schema_version");
  }

  /** Declares a condition to be checked at the time of the write. */
  public void require(Precondition precondition) {
    preconditions.add(precondition);
  }

  /** For reading what the result does not depend on. */
  public Handle handle() {
    return handle;
  }

  List<Precondition> preconditions() {
    return preconditions;
  }
}
