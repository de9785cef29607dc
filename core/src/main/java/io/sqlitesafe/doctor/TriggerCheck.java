package io.sqlitesafe.doctor;

import io.sqlitesafe.doctor.Advice.Topic;
import io.sqlitesafe.internal.db.BrokenTrigger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Triggers that cannot run. SQLite looks into a trigger only when a statement fires it, and then
 * says what is missing but not in which trigger: so each is put alone into a copy of the schema.
 */
final class TriggerCheck implements Check {
  @Override
  public void run(Patient patient, Consumer<Advice> advice) {
    for (Map<String, @Nullable Object> row :
        patient.rows(
            "SELECT name, tbl_name, CAST(sql AS TEXT) AS sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")) {
      String name = Patient.text(row, "name");
      String table = Patient.text(row, "tbl_name");
      if (!patient.copy().failures().containsKey(table)) {
        String failure = failure(patient, name, table, Patient.text(row, "sql"));
        if (failure != null) {
          advice.accept(
              new Advice(
                  Topic.TRIGGER,
                  name,
                  "cannot run, so what fires it on " + table + " fails: " + failure,
                  BrokenTrigger.isOfAnotherProgram(failure)
                      ? "it comes with the program that made this database: only that program can"
                          + " write there"
                      : "correct it, or drop it: DROP TRIGGER " + Patient.quoted(name)));
        }
      }
    }
  }

  private static @Nullable String failure(Patient patient, String name, String table, String sql) {
    SchemaCopy copy = patient.copy();
    List<String> events = events(patient, table);
    // What fails without the trigger too (a view takes no INSERT) is not its fault.
    List<@Nullable String> before = new ArrayList<>();
    events.forEach(event -> before.add(copy.failure(event)));
    String failure = copy.failure(sql);
    if (failure != null) {
      return failure;
    }
    try {
      for (int i = 0; i < events.size(); i++) {
        failure = copy.failure(events.get(i));
        if (failure != null && !failure.equals(before.get(i))) {
          return failure;
        }
      }
      return null;
    } finally {
      copy.failure("DROP TRIGGER " + Patient.quoted(name));
    }
  }

  /** Statements that fire every trigger of the table, only compiled. */
  private static List<String> events(Patient patient, String table) {
    String quoted = Patient.quoted(table);
    String assignments =
        patient.rows("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", table).stream()
            .map(row -> Patient.quoted(Patient.text(row, "name")))
            .map(column -> column + "=" + column)
            .collect(Collectors.joining(","));
    return List.of(
        "EXPLAIN INSERT INTO " + quoted + " DEFAULT VALUES",
        "EXPLAIN UPDATE " + quoted + " SET " + assignments,
        "EXPLAIN DELETE FROM " + quoted);
  }
}
