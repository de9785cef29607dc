package io.sqlitesafe.cli.shell;

import io.sqlitesafe.cli.output.CheckOutput;
import io.sqlitesafe.cli.output.Unchecked;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.snapshot.BackupRequest;
import io.sqlitesafe.snapshot.BackupResult;
import io.sqlitesafe.snapshot.RestoreRequest;
import io.sqlitesafe.snapshot.RestoreResult;
import io.sqlitesafe.snapshot.check.CheckRun;
import io.sqlitesafe.snapshot.check.IntegrityCheck;
import io.sqlitesafe.snapshot.copy.SnapshotListener;
import io.sqlitesafe.snapshot.manifest.CheckLevel;
import java.nio.file.Path;
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
            ".backup", "FILE", "Make a verified copy, as sqlite-safe backup does", this::backup),
        DotCommand.onFiles(
            ".restore", "FILE", "Put a backup in this database's place", this::restore),
        DotCommand.of(
            ".check", "?quick|full?", "Look for damage, as integrity-check does", this::check));
  }

  /** Here a name may follow, as in sqlite3; there is only one database to back up. */
  private Path file(List<String> words) {
    boolean named = words.size() == 2 && words.get(0).equals("main");
    return shell.resolve(named ? words.get(1) : DotCommand.only(words));
  }

  private void backup(List<String> words) {
    Path to = file(words);
    BackupResult result =
        shell.whole().backup(BackupRequest.to(to.toString()), SnapshotListener.SILENT);
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

  private void check(List<String> words) {
    CheckLevel level =
        switch (words.isEmpty() ? "full" : DotCommand.only(words)) {
          case "quick" -> CheckLevel.QUICK;
          case "full" -> CheckLevel.FULL;
          default -> throw new DotCommand.WrongUse();
        };
    shell.whole();
    IntegrityCheck check =
        IntegrityCheck.defaults().withLevel(level).withCancellation(shell.operation());
    CheckRun.Checked checked =
        new CheckRun.Checked(shell.database(), check.check(shell.database()), null);
    shell.output().print(CheckOutput.text(checked));
    if (!CheckOutput.isOk(checked)) {
      throw new SqliteSafeException(
          ErrorKind.DAMAGED, shell.database() + " is damaged", "restore a backup: .restore FILE");
    }
  }
}
