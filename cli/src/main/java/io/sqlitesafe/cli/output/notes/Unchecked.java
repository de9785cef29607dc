package io.sqlitesafe.cli.output.notes;

import io.sqlitesafe.snapshot.CheckResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a check of a copy could not look at: told as the result of a check that was asked for. */
public final class Unchecked {
  private Unchecked() {}

  /** The parts; none where everything was checked, or nothing was to be. */
  public static List<String> parts(@Nullable CheckResult report) {
    return report == null || report.complete() ? List.of() : report.notes();
  }

  /** The warnings of a result, with those of the check where it was asked for. */
  public static List<String> warnings(
      List<String> warnings, @Nullable CheckResult report, boolean asked) {
    List<String> all = new ArrayList<>(warnings);
    if (asked) {
      parts(report).forEach(part -> all.add("not checked: " + part));
    }
    return all;
  }

  /** Notes for those who did not ask. */
  public static void tell(@Nullable CheckResult report, boolean asked, Notes notes) {
    if (!asked) {
      parts(report).forEach(part -> notes.note("not checked: " + part));
    }
    if (report != null && report.complete()) {
      report.notes().forEach(notes::note);
    }
  }

  /** The words for a check that went well. */
  public static String verdict(String level, @Nullable CheckResult report) {
    return level
        + (parts(report).isEmpty() ? " check ok" : " check ok, but for what it could not look at");
  }

  /** Members of {@code verify} in JSON. */
  public static void put(Map<String, @Nullable Object> verify, @Nullable CheckResult report) {
    if (report != null) {
      verify.put("complete", report.complete());
      verify.put("unchecked", parts(report));
    }
  }
}
