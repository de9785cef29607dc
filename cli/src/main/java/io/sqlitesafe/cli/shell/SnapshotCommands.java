package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.Unchecked;
import io.sqlitesafe.cli.output.results.CheckOutput;
import io.sqlitesafe.cli.output.results.RecoverOutput;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.CheckRun;
import io.sqlitesafe.internal.snapshot.Cure;
import io.sqlitesafe.recover.RecoverRequest;
import io.sqlitesafe.recover.RecoverResult;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.IntegrityCheck;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Dot-commands that copy, replace and check the whole database. */
final class SnapshotCommands {
  private final Shell shell;

  SnapshotCommands(Shell shell) {
    this.shell = shell;
  }

  List<DotCommand> all() {
    return List.of(
        DotCommand.onFiles(
            ".backup",
            "?--overwrite? FILE",
            "Make a verified copy, as sqlite-safe backup does",
            this::backup),
        DotCommand.onFiles(
            ".restore", "FILE", "Put a backup in this database's place", this::restore),
        DotCommand.of(
            ".recover",
            "?--deleted?",
            "Show what can be read of a damaged database as SQL, as sqlite-safe recover does",
            this::recover),
        DotCommand.of(
            ".check", "?quick|full?", "Look for damage, as integrity-check does", this::check));
  }

  /** Here a name may follow, as in sqlite3; there is only one database to back up. */
  private Path file(List<String> words) {
    boolean named = words.size() == 2 && words.get(0).equals("main");
    return shell.resolve(named ? words.get(1) : DotCommand.only(words));
  }

  /** With the slash at its end, which says that it is a directory and which a path has not. */
  private String destination(List<String> words) {
    String file = file(words).toString();
    return words.get(words.size() - 1).endsWith("/") ? file + "/" : file;
  }

  private void backup(List<String> words) {
    boolean overwrite = words.contains("--overwrite");
    List<String> rest = new ArrayList<>(words);
    rest.remove("--overwrite");
    BackupRequest request =
        BackupRequest.to("")
            .withPlace(new BackupRequest.Place(destination(rest), overwrite, false))
            .withId(SnapshotOptions.idOfEnvironment());
    BackupResult result = shell.whole().backup(request, SnapshotListener.SILENT);
    result.warnings().forEach(warning -> shell.say("warning: " + warning));
    Unchecked.parts(result.check()).forEach(part -> shell.say("not checked: " + part));
    shell.output().print("backed up to " + result.file() + "\n");
  }

  private void restore(List<String> words) {
    if (shell.readOnly()) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "the session is read-only", "start it without --read-only");
    }
    Path from = file(words);
    RestoreResult result = shell.whole().restore(RestoreRequest.of(from), SnapshotListener.SILENT);
    result.warnings().forEach(warning -> shell.say("warning: " + warning));
    Unchecked.parts(result.check()).forEach(part -> shell.say("not checked: " + part));
    shell
        .output()
        .print(
            "restored from "
                + from
                + (result.movedAside() == null
                    ? ""
                    : "; what was there before is " + result.movedAside())
                + "\n");
  }

  private void recover(List<String> words) {
    String option = DotCommand.optional(words);
    if (!option.isEmpty() && !option.equals("--deleted")) {
      throw new DotCommand.WrongUse();
    }
    RecoverRequest request = new RecoverRequest(!option.isEmpty(), RecoverRequest.Journal.AUTO);
    try (OutputStream out = shell.output().result()) {
      RecoverResult report =
          RecoveredSql.write(
              shell.whole(), request, SnapshotListener.SILENT, SnapshotOptions.scratch(), out);
      RecoverOutput.lines(report).forEach(shell::say);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    shell.output().endResult();
  }

  private void check(List<String> words) {
    CheckLevel level =
        switch (words.isEmpty() ? "full" : DotCommand.only(words)) {
          case "quick" -> CheckLevel.QUICK;
          case "full" -> CheckLevel.FULL;
          default -> throw new DotCommand.WrongUse();
        };
    shell.whole();
    CheckRequest request =
        CheckRequest.defaults().withLevel(level).withCancellation(shell.command());
    CheckResult report = IntegrityCheck.of(shell.database(), request);
    CheckRun.Checked checked = new CheckRun.Checked(shell.database(), report, null);
    shell.output().print(CheckOutput.text(checked));
    if (!CheckOutput.isOk(checked)) {
      throw new SqliteSafeException(
          ErrorKind.DAMAGED, shell.database() + " is damaged", Cure.of(report));
    }
    if (!report.complete()) {
      throw new SqliteSafeException(
          ErrorKind.WARNINGS,
          shell.database() + " is sound, but for what could not be checked",
          "the notes say what that is; its own program, or .load, brings what is missing");
    }
  }
}
