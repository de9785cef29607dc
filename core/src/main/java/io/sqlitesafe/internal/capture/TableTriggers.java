package io.sqlitesafe.internal.capture;

import io.sqlitesafe.internal.changeset.TableShape;
import io.sqlitesafe.internal.changeset.TableShape.Column;
import io.sqlitesafe.internal.diff.KeyIndex;
import io.sqlitesafe.internal.diff.KeyIndex.KeyColumn;
import io.sqlitesafe.internal.diff.TableMerge;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that captures one table: a log with one row for each key that was touched, saying what
 * was stored under that key before, and the temporary triggers that fill it. Immutable.
 *
 * <p>Two things are not as one would write them first. A row is logged by {@code WHERE NOT EXISTS}
 * and not by {@code OR IGNORE}, because the conflict clause of the statement that fires a trigger
 * overrides those inside it. And a new key is logged twice: before, while a row that it pushes out
 * is still there, and after, from the row as it is stored, because defaults come late, BEFORE
 * triggers of the schema move rows, and foreign-key actions come between.
 *
 * <p>What most rows go through asks by the trigger's WHEN and then inserts VALUES: an INSERT from a
 * SELECT that reads its own target makes a table of its own each time, which costs thrice as much.
 *
 * @param number tells the tables of one capture apart
 * @param rowid a name that means the rowid and no column, or null where there is none
 */
record TableTriggers(int number, TableShape table, KeyIndex key, @Nullable String rowid) {
  /** Begins the names of everything that capture makes in the temp schema. */
  static final String PREFIX = "sqlitesafe_capture_";

  /** Cannot be the name of a table whose rows the same statement looks up. */
  private static final String LOG_ROW = PREFIX + "log";

  /** Marks that belong to a table: see {@link TriggerCapture}. */
  static final String MARKS = PREFIX + "marks";

  static final String CREATE_MARKS =
      "CREATE TEMP TABLE " + MARKS + "(n INTEGER, mark TEXT, PRIMARY KEY(n, mark)) WITHOUT ROWID;";

  /** Rows without a key were changed. */
  static final String KEYLESS = "keyless";

  /** The log holds every row that there was. */
  static final String WHOLE = "whole";

  static TableTriggers of(int number, TableShape table, KeyIndex key, Set<String> columnNames) {
    String rowid = null;
    if (!table.withoutRowid()) {
      for (String name : List.of("rowid", "_rowid_", "oid")) {
        if (rowid == null
            && columnNames.stream()
                .noneMatch(column -> column.toLowerCase(Locale.ROOT).equals(name))) {
          rowid = name;
        }
      }
    }
    return new TableTriggers(number, table, key, rowid);
  }

  private String log() {
    return PREFIX + number;
  }

  private String target() {
    return table.sql("main");
  }

  private String row() {
    return UniqueIndexes.alias(table) + ".";
  }

  // ---- the log -------------------------------------------------------------------------------

  String createLog() {
    String columns =
        IntStream.range(0, table.columns().size())
            .mapToObj(i -> "c" + i + (table.rowidAlias() && isKey(i) ? " INTEGER PRIMARY KEY" : ""))
            .collect(Collectors.joining(", "));
    String keys =
        key.columns().stream()
            .map(column -> "c" + column.place())
            .collect(Collectors.joining(", "));
    String end =
        table.rowidAlias()
            ? ");"
            : ", t, PRIMARY KEY(" + keys + (key.loose() ? ", t" : "") + ")) WITHOUT ROWID;";
    return "CREATE TEMP TABLE " + log() + "(there INTEGER, " + columns + end;
  }

  private boolean isKey(int place) {
    return table.columns().get(place).key() > 0;
  }

  /** Storage classes of the key, where equal values may differ in them. */
  private String types(String row) {
    return key.columns().stream()
        .filter(KeyColumn::loose)
        .map(column -> "typeof(" + row + TableShape.quote(column.name()) + ")")
        .collect(Collectors.joining(" || ' ' || "));
  }

  private String notLogged(String row) {
    String match =
        key.columns().stream()
            .map(
                column ->
                    LOG_ROW
                        + ".c"
                        + column.place()
                        + (table.rowidAlias()
                            ? " = "
                            : " = +") // "+": no affinity, so the index serves
                        + row
                        + TableShape.quote(column.name()))
            .collect(Collectors.joining(" AND "));
    String types = key.loose() ? " AND " + LOG_ROW + ".t = " + types(row) : "";
    return "NOT EXISTS (SELECT 1 FROM temp."
        + log()
        + " "
        + LOG_ROW
        + " WHERE "
        + match
        + types
        + ")";
  }

  private String complete(String row) {
    return TableMerge.mayHaveNulls(table) ? key.complete(row) + " AND " : "";
  }

  /**
   * Logs rows of the table as they are, or that there is none under a key.
   *
   * @param there with all columns; else only the key
   * @param condition finds the rows in {@code from}; may be empty
   */
  private String log(boolean there, String row, String from, String condition) {
    return into(there)
        + "SELECT "
        + values(there, row)
        + from
        + " WHERE "
        + (condition.isEmpty() ? "" : condition + " AND ")
        + loggable(row)
        + ";\n";
  }

  /** Logs OLD, which the trigger's WHEN has found to be {@link #loggable}. */
  private String logOld() {
    return into(true) + "VALUES(" + values(true, "OLD.") + ");\n";
  }

  /** A condition that a row has a key, and that it is not logged. */
  private String loggable(String row) {
    return complete(row) + notLogged(row);
  }

  private String into(boolean there) {
    return "INSERT INTO "
        + log()
        + "(there"
        + places(there).mapToObj(place -> ", c" + place).collect(Collectors.joining())
        + (key.loose() ? ", t" : "")
        + ") ";
  }

  private String values(boolean there, String row) {
    return (there ? "1" : "0")
        + places(there)
            .mapToObj(place -> ", " + row + table.columns().get(place).sql())
            .collect(Collectors.joining())
        + (key.loose() ? ", " + types(row) : "");
  }

  private IntStream places(boolean all) {
    return all ? IntStream.range(0, table.columns().size()) : IntStream.of(key.places());
  }

  private String fromTable() {
    return " FROM " + target() + " AS " + UniqueIndexes.alias(table);
  }

  // ---- triggers ------------------------------------------------------------------------------

  /**
   * All triggers of the table.
   *
   * @param probe look up the rows that REPLACE pushes out, which fires no trigger; null where it
   *     does
   */
  String createTriggers(@Nullable UniqueIndexes probe) {
    StringBuilder sql = new StringBuilder();
    String pushedOut =
        probe == null
            ? ""
            : probe.conditions().stream()
                .map(condition -> log(true, row(), fromTable(), condition))
                .collect(Collectors.joining());
    String newKey = arriving(probe != null);
    String loggable = " WHEN " + loggable("OLD.");
    sql.append(trigger("bi", "BEFORE INSERT", "", newKey + pushedOut));
    sql.append(trigger("ai", "AFTER INSERT", "", stored()));
    sql.append(trigger("bd", "BEFORE DELETE", loggable, logOld()));
    sql.append(trigger("bu", "BEFORE UPDATE", loggable, logOld()));
    sql.append(trigger("bk", "BEFORE UPDATE", " WHEN " + keyChanges(), newKey));
    sql.append(trigger("ak", "AFTER UPDATE", " WHEN " + keyChanges(), stored()));
    if (TableMerge.mayHaveNulls(table)) {
      String mark = mark(number, KEYLESS);
      sql.append(trigger("ni", "AFTER INSERT", " WHEN NOT (" + key.complete("NEW.") + ")", mark));
      sql.append(trigger("nd", "BEFORE DELETE", " WHEN NOT (" + key.complete("OLD.") + ")", mark));
      sql.append(trigger("no", "BEFORE UPDATE", " WHEN NOT (" + key.complete("OLD.") + ")", mark));
      sql.append(trigger("nn", "AFTER UPDATE", " WHEN NOT (" + key.complete("NEW.") + ")", mark));
    }
    if (!pushedOut.isEmpty()) {
      sql.append(trigger("bp", "BEFORE UPDATE", "", pushedOut));
    }
    return sql.toString();
  }

  private String trigger(String suffix, String event, String when, String body) {
    return "CREATE TEMP TRIGGER "
        + log()
        + suffix
        + " "
        + event
        + " ON "
        + target()
        + when
        + " BEGIN\n"
        + body
        + "END;\n";
  }

  /**
   * What the new key is about to push out, and the key itself, unless that is still NULL and waits
   * for its default (NOT NULL ON CONFLICT REPLACE).
   */
  private String arriving(boolean replaceIsSilent) {
    Function<KeyColumn, String> value =
        column -> {
          Column of = table.columns().get(column.place());
          return replaceIsSilent
              ? UniqueIndexes.incoming(of.name(), of.notNull(), of.defaultSql())
              : "NEW." + TableShape.quote(column.name());
        };
    String notYet = TableMerge.mayHaveNulls(table) ? "" : key.complete("NEW.");
    return log(true, row(), fromTable(), key.collides(row(), value))
        + log(false, "NEW.", "", notYet);
  }

  /** The key of the row as it was stored. */
  private String stored() {
    String condition =
        rowid != null
            ? row() + rowid + " = NEW." + rowid
            : key.matches(row(), column -> "NEW." + TableShape.quote(column.name()));
    return log(false, row(), fromTable(), condition);
  }

  private String keyChanges() {
    return key.columns().stream()
        .map(
            column -> {
              String name = TableShape.quote(column.name());
              String differs = "OLD." + name + " IS NOT NEW." + name + " COLLATE BINARY";
              return column.loose()
                  ? differs + " OR typeof(OLD." + name + ") <> typeof(NEW." + name + ")"
                  : differs;
            })
        .collect(Collectors.joining(" OR "));
  }

  private static String mark(int number, String mark) {
    return "INSERT INTO %s SELECT %d, '%s' WHERE NOT EXISTS (SELECT 1 FROM temp.%s m WHERE m.n = %d AND m.mark = '%s');\n"
        .formatted(MARKS, number, mark, MARKS, number, mark);
  }

  /** Triggers for a table without a key, which only tell that it was changed. */
  static String watchKeyless(int number, TableShape table) {
    StringBuilder sql = new StringBuilder();
    for (String event : List.of("INSERT", "UPDATE", "DELETE")) {
      sql.append(
          "CREATE TEMP TRIGGER %s%d%s AFTER %s ON %s BEGIN\n%sEND;\n"
              .formatted(
                  PREFIX,
                  number,
                  event.charAt(0),
                  event,
                  table.sql("main"),
                  mark(number, KEYLESS)));
    }
    return sql.toString();
  }

  // ---- what is run by name -------------------------------------------------------------------

  /** Logs the whole table, before its definition is dropped or changed. */
  String logWhole() {
    return log(true, row(), fromTable(), "") + mark(number, WHOLE);
  }

  /**
   * For each logged key: whether there was a row, its columns; whether there is one, its columns.
   */
  String harvest() {
    StringBuilder sql = new StringBuilder("SELECT l.there");
    for (int i = 0; i < table.columns().size(); i++) {
      sql.append(", l.c").append(i);
    }
    sql.append(", r.").append(TableShape.quote(key.columns().get(0).name())).append(" IS NOT NULL");
    for (Column column : table.columns()) {
      sql.append(", r.").append(column.sql());
    }
    return sql.append(" FROM temp.")
        .append(log())
        .append(" l LEFT JOIN ")
        .append(target())
        .append(" r ON ")
        .append(key.matches("r.", column -> "l.c" + column.place()))
        .toString();
  }

  /** The rows whose keys are not in the log. */
  String notInLog() {
    return "SELECT "
        + table.columns().stream().map(Column::sql).collect(Collectors.joining(", "))
        + fromTable()
        + " WHERE "
        + loggable(row());
  }
}
