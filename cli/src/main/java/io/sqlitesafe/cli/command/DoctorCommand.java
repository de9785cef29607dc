package io.sqlitesafe.cli.command;

import io.sqlitesafe.cli.kit.Command;
import io.sqlitesafe.cli.kit.CommonOptions;
import io.sqlitesafe.cli.kit.Invocation;
import io.sqlitesafe.cli.option.LockOptions;
import io.sqlitesafe.cli.option.SnapshotOptions;
import io.sqlitesafe.cli.output.notes.SnapshotProgress;
import io.sqlitesafe.cli.output.results.CheckOutput;
import io.sqlitesafe.cli.output.results.Results;
import io.sqlitesafe.doctor.Advice;
import io.sqlitesafe.doctor.Doctor;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.check.CheckRun;
import io.sqlitesafe.internal.copy.ReadWatch;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.snapshot.Cure;
import io.sqlitesafe.snapshot.CheckLevel;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.SnapshotListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code doctor DB}. */
public final class DoctorCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommonOptions.spec(
            "doctor",
            "Advise on a database and how it is set up",
            "Looks for what works today and may fail tomorrow, without changing anything: triggers"
                + " that cannot run (each is tried), foreign keys that cannot be enforced or have"
                + " no index, full-text indexes that do not match their tables, rows that break the"
                + " schema's rules, tables that a changeset cannot hold, a write-ahead log on a"
                + " network file system, owners and modes of the files beside the database that"
                + " lock somebody out, several names of one file, and too large a log or too many"
                + " free pages. Also looks for damage, as integrity-check --level quick does. The"
                + " exit status is 3 if there is advice and 14 if there is damage; notes alone do"
                + " not count.");
    LockOptions.addWaiting(spec, "30s");
    spec.addPositional(CommonOptions.database());
    spec.usageMessage().footer("Examples:", "  $ sqlite-safe doctor app.db");
    return spec;
  }

  @Override
  public String exitStatuses() {
    return "3 10 11 12 14 15";
  }

  @Override
  public int run(ParseResult arguments, Invocation invocation) {
    Path database = LockOptions.database(arguments);
    Doctor.Diagnosis diagnosis = examine(arguments, invocation, database);
    CommonOptions common = CommonOptions.of(arguments);
    if (common.json()) {
      results(database, diagnosis).print(invocation);
    } else {
      String text = text(database, diagnosis);
      if (diagnosis.isDamaged() || !diagnosis.advice().isEmpty()) {
        invocation.console().print(text);
      } else {
        common.confirm(invocation.console(), text);
      }
    }
    if (diagnosis.isDamaged()) {
      throw new SqliteSafeException(
          ErrorKind.DAMAGED,
          database + " is damaged; nothing else was looked at",
          diagnosis.integrity() == null ? null : Cure.of(diagnosis.integrity()));
    }
    return diagnosis.hasAdvice() ? ErrorKind.WARNINGS.exitCode() : 0;
  }

  private static Doctor.Diagnosis examine(
      ParseResult arguments, Invocation invocation, Path database) {
    Database.requireFile(database, false);
    Doctor doctor =
        new Doctor(
            database,
            LockOptions.settings(arguments, invocation, "doctor"),
            CheckRequest.defaults()
                .withLevel(CheckLevel.QUICK)
                .withScratch(SnapshotOptions.scratch())
                .withCancellation(invocation.cancellation()));
    SnapshotProgress progress =
        new SnapshotProgress(invocation.console(), CommonOptions.of(arguments));
    try (ReadWatch watch =
        ReadWatch.start(progress, SnapshotListener.Phase.CHECKING, database.toFile().length())) {
      return doctor.examine();
    }
  }

  private static String text(Path database, Doctor.Diagnosis diagnosis) {
    CheckResult report = diagnosis.integrity();
    if (report != null && diagnosis.isDamaged()) {
      return CheckOutput.text(new CheckRun.Checked(database, report, null));
    }
    StringBuilder text = new StringBuilder();
    for (Advice advice : diagnosis.advice()) {
      text.append(advice.topic().id()).append(": ").append(advice.subject()).append(": ");
      text.append(advice.message()).append("\n  hint: ").append(advice.hint()).append('\n');
    }
    return text.isEmpty() ? database + ": nothing to advise\n" : text.toString();
  }

  private static Results results(Path database, Doctor.Diagnosis diagnosis) {
    List<Object> all = new ArrayList<>();
    for (Advice advice : diagnosis.advice()) {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("topic", advice.topic().id());
      json.put("subject", advice.subject());
      json.put("message", advice.message());
      json.put("hint", advice.hint());
      all.add(json);
    }
    CheckResult report = diagnosis.integrity();
    return new Results("doctor", database)
        .put("ok", !diagnosis.isDamaged() && !diagnosis.hasAdvice())
        .put("advice", all)
        .put(
            "integrity",
            report == null ? null : CheckOutput.json(new CheckRun.Checked(database, report, null)));
  }
}
