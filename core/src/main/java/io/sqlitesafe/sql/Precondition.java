package io.sqlitesafe.sql;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Something that must be true inside the writing transaction, or nothing is written. */
public sealed interface Precondition {
  /** Throws {@link ErrorKind#PRECONDITION} unless it holds in this transaction. */
  void require(Handle handle);

  /**
   * The statement returns one single value, and that is true as SQLite sees it (a number other than
   * zero).
   */
  record Holds(String sql) implements Precondition {
    @Override
    public void require(Handle handle) {
      Object value = single(handle, sql);
      boolean holds = value instanceof Number number && number.doubleValue() != 0;
      if (!holds) {
        throw failed("the condition does not hold: " + sql, value);
      }
    }
  }

  /** The statement returns one single value, and its text is {@code expected}. */
  record Equals(String sql, String expected) implements Precondition {
    @Override
    public void require(Handle handle) {
      Object value = single(handle, sql);
      if (!expected.equals(text(value))) {
        throw failed("expected " + expected + " but found " + text(value) + " by: " + sql, value)
            .with("expected", expected);
      }
    }
  }

  /** The statement returns the same rows as when the baseline was read. */
  record SameRows(
      String sql, List<@Nullable Object> values, List<Map<String, @Nullable Object>> rows)
      implements Precondition {
    @Override
    public void require(Handle handle) {
      List<Map<String, @Nullable Object>> now = handle.rows(sql, values.toArray());
      if (!same(rows, now)) {
        throw failed("rows have changed since they were read, by: " + sql, null);
      }
    }

    /** A byte[] has no equality of its own. */
    private static boolean same(
        List<Map<String, @Nullable Object>> a, List<Map<String, @Nullable Object>> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!a.get(i).keySet().equals(b.get(i).keySet())
            || !Arrays.deepEquals(a.get(i).values().toArray(), b.get(i).values().toArray())) {
          return false;
        }
      }
      return true;
    }
  }

  private static @Nullable Object single(Handle handle, String sql) {
    List<Map<String, @Nullable Object>> rows = handle.rows(sql);
    if (rows.size() != 1 || rows.get(0).size() != 1) {
      throw failed(
          "a condition must return one single value, but this returned "
              + rows.size()
              + " rows: "
              + sql,
          null);
    }
    return rows.get(0).values().iterator().next();
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? "NULL" : Objects.toString(value);
  }

  private static SqliteSafeException failed(String message, @Nullable Object found) {
    return new SqliteSafeException(ErrorKind.PRECONDITION, message, "nothing was changed")
        .with("found", found instanceof byte[] ? null : found);
  }
}
