package io.sqlitesafe.doctor;

import io.sqlitesafe.doctor.Advice.Topic;
import java.util.function.Consumer;

/**
 * What a changeset cannot carry: a row is found by its declared primary key, and virtual tables
 * keep their rows in tables of their own (sqlite.org/sessionintro.html, "Limitations").
 */
final class ChangesetCheck implements Check {
  @Override
  public void run(Patient patient, Consumer<Advice> advice) {
    for (String table : patient.tables()) {
      if (patient.rows("SELECT 1 FROM pragma_table_info(?) WHERE pk > 0", table).isEmpty()) {
        advice.accept(
            new Advice(
                Topic.CHANGESET,
                table,
                "has no primary key: no changeset carries its changes, and none can be undone",
                "make it anew with a PRIMARY KEY; an INTEGER PRIMARY KEY costs nothing"));
      }
    }
    for (String table : patient.names("virtual")) {
      advice.accept(
          new Advice(
              Topic.NOTE,
              table,
              "is a virtual table: a changeset carries its changes only as far as triggers make"
                  + " them from an ordinary table's",
              "after applying a changeset to a copy without those triggers, rebuild it there"));
    }
  }
}
