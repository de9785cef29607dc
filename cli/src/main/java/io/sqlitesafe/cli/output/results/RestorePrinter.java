package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.cli.output.notes.Unchecked;
import io.sqlitesafe.internal.file.Sizes;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.RestoreResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of a backup that was restored, or tried. No state. */
public final class RestorePrinter {
  private RestorePrinter() {}

  /**
   * One line.
   *
   * @param database null where it was only tried
   */
  public static String text(RestoreResult result, Path backup, @Nullable Path database) {
    CheckResult check = result.check();
    String what =
        Sizes.text(result.bytes())
            + (result.manifest() != null ? ", as its manifest says" : ", no manifest")
            + (check == null
                ? ", not checked"
                : ", " + Unchecked.verdict(check.level().id(), check));
    if (result.drill()) {
      return backup + ": can be restored: " + what;
    }
    return database
        + ": restored: "
        + what
        + (result.movedAside() == null ? "" : "; the former one is " + result.movedAside());
  }

  /** The same as an object of its own. */
  public static Results json(RestoreResult result, Path backup, @Nullable Path database) {
    Results json = new Results("restore", database);
    members(result, backup).forEach(json::put);
    return json;
  }

  /** The members of such an object. */
  public static Map<String, @Nullable Object> members(RestoreResult result, Path backup) {
    CheckResult check = result.check();
    Map<String, @Nullable Object> verify = new LinkedHashMap<>();
    verify.put("level", check == null ? CheckLevel.NONE.id() : check.level().id());
    verify.put("ok", check == null ? null : true);
    verify.put("problems", check == null ? 0 : check.problems().size());
    Unchecked.put(verify, check);
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    members.put("backup", backup.toAbsolutePath().toString());
    members.put("drill", result.drill());
    members.put("bytes", result.bytes());
    members.put("sha256", result.sha256());
    members.put("manifest", result.manifest() != null);
    members.put("verify", verify);
    members.put("movedAside", result.movedAside() == null ? null : result.movedAside().toString());
    members.put("lockHeldMs", result.locked().toMillis());
    members.put("warnings", result.warnings());
    return members;
  }
}
