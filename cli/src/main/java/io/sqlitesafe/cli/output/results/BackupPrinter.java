package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.output.notes.Notes;
import io.sqlitesafe.cli.output.notes.Unchecked;
import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.file.Sizes;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.Manifest;
import io.sqlitesafe.snapshot.Retention;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints what became of a copy, for every command that makes one. */
public final class BackupPrinter {
  private static final String WITHOUT_KEY =
      "SELECT t.name FROM pragma_table_list t WHERE t.schema = 'main' AND t.type = 'table' AND NOT"
          + " t.wr AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT EXISTS"
          + " (SELECT 1 FROM pragma_table_info(t.name) WHERE pk)";

  private BackupPrinter() {}

  /** VACUUM may number rows anew: so SQLite's manual says (sqlite.org/lang_vacuum.html). */
  public static void tellRowids(SafeDatabase safe, Notes notes) {
    try {
      List<Map<String, @Nullable Object>> tables = safe.read(session -> session.rows(WITHOUT_KEY));
      if (!tables.isEmpty()) {
        notes.note(
            "rows of tables without PRIMARY KEY ("
                + DisplayText.of(String.valueOf(tables.get(0).get("name")), 60)
                + (tables.size() > 1 ? " and " + (tables.size() - 1) + " more" : "")
                + ") may have other rowids in the copy: a changeset made with --rowid-tables is not"
                + " for both");
      }
    } catch (SqliteSafeException e) {
      // The copy is made and checked; whatever this is, it is not about that.
    }
  }

  /**
   * Prints it and returns the exit status.
   *
   * @param manifest one was written
   * @param asked a check was asked for, so that what it could not look at is a warning
   * @param streamed standard output has the copy itself: the report goes to standard error
   */
  public static int print(
      String command,
      Path database,
      BackupResult result,
      boolean manifest,
      boolean streamed,
      boolean asked,
      CommonOptions options,
      Invocation invocation) {
    Notes notes = new Notes(invocation.console(), options);
    if (!streamed && !result.skipped()) {
      invocation.console().done("made " + result.file());
    }
    List<String> warnings = Unchecked.warnings(result.warnings(), result.check(), asked);
    if (options.json()) {
      String object =
          json(command, database, result, manifest && !streamed)
              .put("warnings", warnings)
              .toJson(invocation);
      if (streamed) {
        invocation.console().note(object);
      } else {
        invocation.console().print(object + "\n");
      }
    } else {
      warnings.forEach(notes::warning);
      Unchecked.tell(result.check(), asked, notes);
      if (streamed) {
        notes.note(text(result));
      } else {
        options.confirm(invocation.console(), result.file() + ": " + text(result) + "\n");
      }
    }
    return warnings.isEmpty() ? 0 : ErrorKind.WARNINGS.exitCode();
  }

  private static String text(BackupResult result) {
    if (result.skipped()) {
      return "nothing has changed since " + result.manifest().createdAt();
    }
    if (result.dryRun()) {
      return planned(result);
    }
    Manifest manifest = result.manifest();
    StringBuilder text = new StringBuilder(Sizes.text(manifest.file().bytes()));
    CheckLevel level = manifest.check().level();
    text.append(", ");
    text.append(
        level == CheckLevel.NONE ? "not checked" : Unchecked.verdict(level.id(), result.check()));
    text.append(", writers waited ").append(result.longestStall().toMillis()).append(" ms at most");
    Retention.Outcome retention = result.retention();
    if (retention != null) {
      text.append("; ").append(retention.kept().size()).append(" kept");
      text.append(", ").append(retention.deleted().size()).append(" deleted");
      text.append(leftAlone(retention));
    }
    return text.toString();
  }

  private static String planned(BackupResult result) {
    StringBuilder text = new StringBuilder("would be made");
    Retention.Outcome retention = result.retention();
    if (retention != null) {
      text.append("; ").append(retention.kept().size()).append(" would be kept");
      text.append(", ").append(retention.deleted().size()).append(" deleted");
      text.append(leftAlone(retention));
      retention.deleted().forEach(file -> text.append("\n  would delete ").append(file));
    }
    return text.toString();
  }

  private static String leftAlone(Retention.Outcome retention) {
    String others =
        retention.others() == 0 ? "" : ", " + retention.others() + " of other databases left alone";
    return retention.withoutIdentity() == 0
        ? others
        : others
            + ", "
            + retention.withoutIdentity()
            + " that do not record their host left alone (see --id)";
  }

  private static Results json(
      String command, Path database, BackupResult result, boolean manifest) {
    Manifest made = result.manifest();
    Results json =
        new Results(command, database)
            .put("destination", result.file().toString())
            .put("skipped", result.skipped())
            .put("method", made.method())
            .put("bytes", made.file().bytes())
            .put("sha256", made.file().sha256().isEmpty() ? null : made.file().sha256())
            .put("compression", made.file().compression().id())
            .put("databaseBytes", made.database().bytes())
            .put("pageSize", made.database().pageSize())
            .put("pageCount", made.database().pageCount())
            .put("verify", verify(made.check(), result.check()))
            .put("manifest", manifest ? Manifest.pathFor(result.file()).toString() : null)
            .put("longestStallMs", result.longestStall().toMillis())
            .put("setAside", result.setAside() == null ? null : result.setAside().toString())
            .put("dryRun", result.dryRun())
            .put("id", made.identity().id());
    Retention.Outcome retention = result.retention();
    if (retention != null) {
      Map<String, @Nullable Object> outcome = new LinkedHashMap<>();
      outcome.put("kept", names(retention.kept()));
      outcome.put("deleted", names(retention.deleted()));
      outcome.put("others", retention.others());
      outcome.put("withoutIdentity", retention.withoutIdentity());
      json.put("retention", outcome);
    }
    return json;
  }

  private static Map<String, @Nullable Object> verify(
      Manifest.Check check, @Nullable CheckResult report) {
    Map<String, @Nullable Object> verify = new LinkedHashMap<>();
    verify.put("level", check.level().id());
    verify.put("ok", check.level() == CheckLevel.NONE ? null : check.ok());
    verify.put("problems", check.warnings());
    Unchecked.put(verify, report);
    return verify;
  }

  private static List<String> names(List<Path> files) {
    return files.stream().map(Path::toString).toList();
  }
}
