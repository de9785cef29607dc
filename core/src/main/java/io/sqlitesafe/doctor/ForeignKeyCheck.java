package io.sqlitesafe.doctor;

import io.sqlitesafe.doctor.Advice.Topic;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Foreign keys that cannot be enforced, and those whose columns no index begins with: each DELETE
 * and each change of a key in the parent then reads the whole child table
 * (sqlite.org/foreignkeys.html, "Required and Suggested Database Indexes").
 */
final class ForeignKeyCheck implements Check {
  @Override
  public void run(Patient patient, Consumer<Advice> advice) {
    for (String table : patient.tables()) {
      if (!patient.rows("SELECT 1 FROM pragma_foreign_key_list(?) LIMIT 1", table).isEmpty()) {
        mismatch(patient, table, advice);
      }
      Set<List<String>> reported = new HashSet<>();
      for (ForeignKeyIndexes.Missing key : ForeignKeyIndexes.of(patient.handle(), table)) {
        if (reported.add(key.terms())) {
          advice.accept(missingIndex(key));
        }
      }
    }
  }

  /** What SQLite itself says of keys that refer to no table, or to columns that are not unique. */
  private static void mismatch(Patient patient, String table, Consumer<Advice> advice) {
    for (Map<String, @Nullable Object> row :
        patient.rows(
            "SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list(?) WHERE \"table\""
                + " COLLATE NOCASE NOT IN (SELECT name FROM pragma_table_list WHERE schema ="
                + " 'main')",
            table)) {
      advice.accept(
          new Advice(
              Topic.FOREIGN_KEY,
              table,
              "refers to the table " + Patient.text(row, "parent") + ", which is not there",
              "writes to " + table + " fail while foreign keys are enforced: make the table"));
      return;
    }
    String failure =
        patient.copy().failure("PRAGMA foreign_key_check(" + Patient.quoted(table) + ")");
    if (failure != null) {
      advice.accept(
          new Advice(
              Topic.FOREIGN_KEY,
              table,
              failure,
              "what it refers to must be a primary key, or have a unique index without WHERE"));
    }
  }

  private static Advice missingIndex(ForeignKeyIndexes.Missing key) {
    return new Advice(
        Topic.FOREIGN_KEY,
        key.table(),
        "no index serves "
            + String.join(", ", key.terms())
            + ": each DELETE from "
            + key.parent()
            + " reads all of "
            + key.table(),
        "CREATE INDEX "
            + Patient.quoted(key.table() + "_" + String.join("_", key.from()))
            + " ON "
            + Patient.quoted(key.table())
            + "("
            + String.join(", ", key.terms())
            + ")");
  }
}
