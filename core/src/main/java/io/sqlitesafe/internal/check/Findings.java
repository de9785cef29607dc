package io.sqlitesafe.internal.check;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.SqlErrors;
import io.sqlitesafe.snapshot.CheckResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was found in one file so far. For one thread. */
public final class Findings {
  private final int maxOfEachKind;
  private final List<CheckResult.Problem> problems = new ArrayList<>();
  private final Map<CheckResult.Kind, Integer> counts = new EnumMap<>(CheckResult.Kind.class);
  private final Set<CheckResult.Problem> seen = new HashSet<>();
  private final List<String> notes = new ArrayList<>();
  private boolean truncated;
  private boolean complete = true;
  private int pageSize;
  private long pageCount;

  public Findings(int maxOfEachKind) {
    this.maxOfEachKind = maxOfEachKind;
  }

  void add(CheckResult.Problem problem) {
    if (counts.getOrDefault(problem.kind(), 0) >= maxOfEachKind) {
      truncated = true;
    } else if (seen.add(problem)) {
      counts.merge(problem.kind(), 1, Integer::sum);
      problems.add(problem);
    }
  }

  void add(CheckResult.Kind kind, String message) {
    add(CheckResult.Problem.of(kind, message));
  }

  void note(String text) {
    notes.add(text);
  }

  /** A part that could not be checked, and why. */
  public void unchecked(String text) {
    notes.add(text);
    complete = false;
  }

  public boolean complete() {
    return complete;
  }

  void pages(int size, long count) {
    pageSize = size;
    pageCount = count;
  }

  public int pageSize() {
    return pageSize;
  }

  public long pageCount() {
    return pageCount;
  }

  public List<CheckResult.Problem> problems() {
    return List.copyOf(problems);
  }

  public boolean truncated() {
    return truncated;
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Runs one step. That SQLite cannot go on because the file is damaged is a finding; every other
   * failure is passed on.
   */
  public void during(Runnable step) {
    try {
      step.run();
    } catch (SqliteSafeException e) {
      if (e.kind() != ErrorKind.DAMAGED) {
        throw e;
      }
      add(CheckResult.Kind.INTEGRITY, reason(e));
    }
  }

  /** SQLite's own words where they are its. */
  static String reason(SqliteSafeException e) {
    return e.getCause() instanceof SQLException sql
        ? SqlErrors.text(sql)
        : String.valueOf(e.getMessage());
  }
}
