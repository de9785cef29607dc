package io.sqlitesafe.cli.shell;

import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.CaptureRequest;
import io.sqlitesafe.changeset.ChangesetReader;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.capture.Capture;
import io.sqlitesafe.internal.changeset.ApplyJob;
import java.nio.file.Path;
import java.util.List;

/** Dot-commands that note down what transactions change, and undo it. */
final class CaptureCommands {
  /** What triggers and foreign keys did is in the changeset, and must not be done again. */
  private static final ApplyOptions UNDO =
      ApplyOptions.DEFAULT
          .withInvert(true)
          .withIgnoreNoop(true)
          .withTriggers(false)
          .withRowids(true) // only where they were captured
          .withForeignKeyActions(false);

  private final Shell shell;

  CaptureCommands(Shell shell) {
    this.shell = shell;
  }

  List<DotCommand> all() {
    return List.of(
        DotCommand.onFiles(
            ".capture",
            "on FILE ?--rowid-tables?|off",
            "Write the changes of each transaction to FILE.0001, FILE.0002, ...",
            this::capture),
        DotCommand.of(
            ".undo", "", "Undo the last captured transaction, then the one before", this::undo));
  }

  private void capture(List<String> words) {
    CaptureLog log = shell.captures();
    if (words.isEmpty()) {
      shell.output().print(log.base() == null ? "off\n" : "on " + log.base() + "\n");
      return;
    }
    Arguments given = Arguments.of(words, "--rowid-tables");
    boolean on = DotCommand.onOff(given.rest().subList(0, Math.min(1, given.rest().size())));
    if (given.rest().size() != (on ? 2 : 1)) {
      throw new DotCommand.WrongUse();
    }
    shell.requireNoTransaction();
    if (!on) {
      log.stop();
      shell.session().capture(null);
      return;
    }
    Path file = shell.resolve(given.rest().get(1));
    Capture.check(CaptureRequest.of(file, Format.CHANGESET), shell.database());
    log.start(file, given.has("--rowid-tables"));
    shell.session().capture(log);
  }

  private void undo(List<String> words) {
    if (!words.isEmpty()) {
      throw new DotCommand.WrongUse();
    }
    shell.requireNoTransaction();
    CaptureLog log = shell.captures();
    Path file = log.last();
    if (file == null) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "there is no captured transaction to undo", "see .capture");
    }
    if (!shell.asks("undo " + file + "?")) {
      shell.say("nothing was changed");
      return;
    }
    ApplyJob job = new ApplyJob(UNDO, List.of(() -> ChangesetReader.open(file)), false, true, true);
    log.undo(
        () -> {
          long applied = shell.session().writeWithoutForeignKeys(job::run).report().applied();
          String changes = applied == 1 ? " change of " : " changes of ";
          shell.output().print("undone: " + applied + changes + file + "\n");
        });
  }
}
