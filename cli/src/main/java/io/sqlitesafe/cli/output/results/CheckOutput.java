package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.CheckRun;
import io.sqlitesafe.internal.snapshot.Cure;
import io.sqlitesafe.snapshot.CheckResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The verdict on one file, as text and as JSON. */
public final class CheckOutput {
  private CheckOutput() {}

  /** Nothing is wrong with it as far as it was checked. */
  public static boolean isOk(CheckRun.Checked checked) {
    return checked.report() != null && checked.report().ok();
  }

  private static String verdict(CheckRun.Checked checked) {
    if (checked.error() != null) {
      return checked.error().kind().id();
    }
    return isOk(checked) ? "ok" : "damaged";
  }

  /** A line for the file, and one more for each problem. */
  public static String text(CheckRun.Checked checked) {
    StringBuilder text = new StringBuilder();
    text.append(checked.file()).append(": ");
    SqliteSafeException error = checked.error();
    CheckResult report = checked.report();
    if (error != null) {
      text.append("not checked: ").append(error.getMessage()).append('\n');
    }
    if (report != null) {
      text.append(verdict(checked)).append('\n');
      report.problems().forEach(p -> text.append("  ").append(line(p)).append('\n'));
      if (report.truncated()) {
        text.append("  and more (--max-errors)\n");
      }
      report.notes().forEach(note -> text.append("  note: ").append(note).append('\n'));
    }
    return text.toString();
  }

  private static String line(CheckResult.Problem problem) {
    StringBuilder where = new StringBuilder();
    if (problem.table() != null && !problem.message().contains(problem.table())) {
      where.append("table ").append(problem.table()).append(", ");
    }
    if (problem.index() != null && !problem.message().contains(problem.index())) {
      where.append("index ").append(problem.index()).append(", ");
    }
    return where + problem.message();
  }

  /** An element of {@code files}. */
  public static Map<String, @Nullable Object> json(CheckRun.Checked checked) {
    Map<String, @Nullable Object> file = new LinkedHashMap<>();
    file.put("database", checked.file().toAbsolutePath().toString());
    file.put("verdict", verdict(checked));
    SqliteSafeException error = checked.error();
    if (error != null) {
      file.put("message", error.getMessage());
      file.put("hint", error.hint());
      file.put("details", error.details());
    }
    CheckResult report = checked.report();
    if (report != null) {
      report(file, report);
    }
    return file;
  }

  private static void report(Map<String, @Nullable Object> file, CheckResult report) {
    List<Object> problems = new ArrayList<>();
    report.problems().forEach(problem -> problems.add(json(problem)));
    file.put("problems", problems);
    file.put("moreProblems", report.truncated());
    file.put("complete", report.complete());
    file.put("notes", new ArrayList<Object>(report.notes()));
    file.put("pageSize", report.pageSize());
    file.put("pageCount", report.pageCount());
    file.put("bytes", report.bytes());
    file.put("compression", report.compression().id());
    file.put("manifest", report.manifest().name().toLowerCase(Locale.ROOT));
    if (!report.ok()) {
      file.put("cure", Cure.of(report));
    }
    file.put("elapsedMs", report.elapsed().toMillis());
  }

  private static Map<String, @Nullable Object> json(CheckResult.Problem problem) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("kind", problem.kind().id());
    json.put("message", problem.message());
    putKnown(json, "table", problem.table());
    putKnown(json, "index", problem.index());
    putKnown(json, "page", problem.page());
    putKnown(json, "rowid", problem.rowid());
    putKnown(json, "parent", problem.parent());
    return json;
  }

  private static void putKnown(
      Map<String, @Nullable Object> json, String name, @Nullable Object value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
