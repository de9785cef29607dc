package io.sqlitesafe.doctor;

import io.sqlitesafe.doctor.Advice.Topic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
      Map<String, List<Map<String, @Nullable Object>>> keys = keys(patient, table);
      if (!keys.isEmpty()) {
        mismatch(patient, table, advice);
      }
      Set<Set<String>> reported = new HashSet<>();
      for (List<Map<String, @Nullable Object>> key : keys.values()) {
        List<String> columns = key.stream().map(row -> Patient.text(row, "from")).toList();
        if (!isIndexed(patient, table, folded(columns)) && reported.add(folded(columns))) {
          advice.accept(missingIndex(table, columns, Patient.text(key.get(0), "table")));
        }
      }
    }
  }

  private static Map<String, List<Map<String, @Nullable Object>>> keys(
      Patient patient, String table) {
    Map<String, List<Map<String, @Nullable Object>>> keys = new LinkedHashMap<>();
    patient
        .rows(
            "SELECT id, \"from\", \"table\" FROM pragma_foreign_key_list(?) ORDER BY id, seq",
            table)
        .forEach(
            row -> keys.computeIfAbsent(Patient.text(row, "id"), id -> new ArrayList<>()).add(row));
    return keys;
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

  private static boolean isIndexed(Patient patient, String table, Set<String> columns) {
    if (columns.equals(rowid(patient, table))) {
      return true;
    }
    for (Map<String, @Nullable Object> index :
        patient.rows("SELECT name FROM pragma_index_list(?) WHERE partial = 0", table)) {
      List<String> indexed =
          patient
              .rows(
                  "SELECT name FROM pragma_index_info(?) ORDER BY seqno LIMIT ?",
                  Patient.text(index, "name"),
                  (long) columns.size())
              .stream()
              .map(row -> Patient.text(row, "name"))
              .toList();
      if (folded(indexed).equals(columns)) {
        return true;
      }
    }
    return false;
  }

  /** The column that is another name of the rowid, which needs no index. */
  private static Set<String> rowid(Patient patient, String table) {
    List<Map<String, @Nullable Object>> key =
        patient.rows("SELECT name, type FROM pragma_table_info(?) WHERE pk > 0", table);
    return key.size() == 1 && Patient.text(key.get(0), "type").equalsIgnoreCase("INTEGER")
        ? folded(List.of(Patient.text(key.get(0), "name")))
        : Set.of();
  }

  private static Set<String> folded(List<String> names) {
    return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  private static Advice missingIndex(String table, List<String> columns, String parent) {
    String list = columns.stream().map(Patient::quoted).collect(Collectors.joining(", "));
    return new Advice(
        Topic.FOREIGN_KEY,
        table,
        "no index begins with "
            + String.join(", ", columns)
            + ": each DELETE from "
            + parent
            + " reads all of "
            + table,
        "CREATE INDEX "
            + Patient.quoted(table + "_" + String.join("_", columns))
            + " ON "
            + Patient.quoted(table)
            + "("
            + list
            + ")");
  }
}
