package io.sqlitesafe.doctor;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import io.sqlitesafe.doctor.Advice.Topic;
import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.internal.db.Database;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.mount.Mount;
import io.sqlitesafe.snapshot.CheckRequest;
import io.sqlitesafe.snapshot.CheckResult;
import io.sqlitesafe.snapshot.IntegrityCheck;
import io.sqlitesafe.sql.Handle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Examines a database: the file, what it holds, and how it is set up. Changes nothing. Immutable;
 * each examination is its caller's thread's.
 */
public final class Doctor {
  private static final List<Check> CHECKS =
      List.of(new TriggerCheck(), new ForeignKeyCheck(), new ChangesetCheck(), new SizeCheck());

  private final Path name;
  private final Settings settings;
  private final CheckRequest integrity;

  /**
   * @param settings for reading
   * @param integrity the check for damage that comes first
   */
  public Doctor(Path name, Settings settings, CheckRequest integrity) {
    this.name = name;
    this.settings = settings;
    this.integrity = integrity;
  }

  /**
   * What was found.
   *
   * @param advice in the order of the checks
   * @param integrity null where the file could not be opened where it lies
   */
  public record Diagnosis(List<Advice> advice, @Nullable CheckResult integrity) {
    /** The file is damaged, and was not looked at further. */
    public boolean isDamaged() {
      return integrity != null && integrity.isDamaged();
    }

    /** There is something to do. */
    public boolean hasAdvice() {
      return advice.stream().anyMatch(a -> a.topic().action());
    }
  }

  /** Examines; {@link ErrorKind#NO_DATABASE} and the like are thrown, damage is reported. */
  public Diagnosis examine() {
    Database.requireFile(name, false);
    List<Advice> advice = new ArrayList<>();
    LockPaths paths = paths();
    new FileCheck(paths, advice::add).run();
    if (isWalOnNetwork(paths, advice::add)) {
      return new Diagnosis(List.copyOf(advice), null);
    }
    CheckResult report = IntegrityCheck.of(name, integrity);
    if (!report.isDamaged()) {
      rules(report, advice::add);
      advice.addAll(SafeDatabase.of(name, settings).read(handle -> content(paths, handle)));
    }
    return new Diagnosis(List.copyOf(advice), report);
  }

  /** What the schema and the rows say; once more where they were changed meanwhile. */
  private static List<Advice> content(LockPaths paths, Handle handle) {
    List<Advice> advice = new ArrayList<>();
    try (SchemaCopy copy = SchemaCopy.of(handle)) {
      Patient patient = new Patient(paths, handle, copy);
      foreign(copy, advice::add);
      CHECKS.forEach(check -> check.run(patient, advice::add));
    }
    return advice;
  }

  private LockPaths paths() {
    try {
      return LockPaths.of(name);
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.NO_DATABASE, "cannot read " + name + ": " + e.getMessage(), null, e);
    }
  }

  /** Opening it there, even to look, is what must not be done. */
  private static boolean isWalOnNetwork(LockPaths paths, Consumer<Advice> advice) {
    Mount mount = Mount.of(paths.directory());
    if (!mount.isNetwork() || !Database.isWal(paths.database())) {
      return false;
    }
    advice.accept(
        new Advice(
            Topic.JOURNAL_MODE,
            paths.database().toString(),
            "has a write-ahead log and lies on a network file system ("
                + mount.type()
                + "): commits of two hosts overwrite each other. Nothing else was looked at",
            "on one host, with all other users stopped, move it to a local disk, or change it"
                + " there: sqlite-safe journal-mode DB delete"));
    return true;
  }

  /** What the check for damage found, and is none. */
  private static void rules(CheckResult report, Consumer<Advice> advice) {
    for (CheckResult.Problem problem : report.problems()) {
      String table = problem.table() == null ? "the database" : problem.table();
      switch (problem.kind()) {
        case DRIFT ->
            advice.accept(
                new Advice(
                    Topic.FULL_TEXT,
                    table,
                    problem.message(),
                    "INSERT INTO "
                        + Patient.quoted(table)
                        + "("
                        + Patient.quoted(table)
                        + ") VALUES('rebuild')"));
        case FOREIGN_KEY -> {
          if (problem.parent() != null) { // otherwise ForeignKeyCheck tells why
            advice.accept(
                new Advice(
                    Topic.FOREIGN_KEY, table, problem.message(), "correct or delete these rows"));
          }
        }
        default ->
            advice.accept(
                new Advice(Topic.CONSTRAINT, table, problem.message(), "correct these rows"));
      }
    }
  }

  private static void foreign(SchemaCopy copy, Consumer<Advice> advice) {
    copy.failures()
        .forEach(
            (name, failure) ->
                advice.accept(
                    new Advice(
                        Topic.NOTE,
                        name,
                        "was not looked at: " + failure,
                        "it needs what only the program that made it brings")));
  }
}
