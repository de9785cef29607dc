package io.sqlitesafe.changeset.capture;

import io.sqlitesafe.changeset.TableShape;
import io.sqlitesafe.changeset.TableShape.Column;
import io.sqlitesafe.changeset.diff.KeyIndex;
import io.sqlitesafe.changeset.diff.KeyIndex.KeyColumn;
import io.sqlitesafe.changeset.diff.TableMerge;
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

  /** Logs rows as they are: OLD, or those of the table that {@code condition} finds. */
  private String logRows(String row, String from, String condition) {
    String columns =
        IntStream.range(0, table.columns().size())
            .mapToObj(i -> ", c" + i)
            .collect(Collectors.joining());
    String values =
        table.columns().stream()
            .map(column -> ", " + row + column.sql())
            .collect(Collectors.joining());
    return "INSERT INTO "
        + log()
        + "(there"
        + columns
        + (key.loose() ? ", t" : "")
        + ") SELECT 1"
        + values
        + (key.loose() ? ", " + types(row) : "")
        + from
        + " WHERE "
        + (condition.isEmpty() ? "" : condition + " AND ")
        + complete(row)
        + notLogged(row)
        + ";\n";
  }

  /** Logs that there was no row under a key. */
  private String logAbsent(String row, String from, String condition) {
    String columns =
        key.columns().stream().map(column -> ", c" + column.place()).collect(Collectors.joining());
    String values =
        key.columns().stream()
            .map(column -> ", " + row + TableShape.quote(column.name()))
            .collect(Collectors.joining());
    return "INSERT INTO "
        + log()
        + "(there"
        + columns
        + (key.loose() ? ", t" : "")
        + ") SELECT 0"
        + values
        + (key.loose() ? ", " + types(row) : "")
        + from
        + " WHERE "
        + (condition.isEmpty() ? "" : condition + " AND ")
        + complete(row)
        + notLogged(row)
        + ";\n";
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
                .map(condition -> logRows(row(), fromTable(), condition))
                .collect(Collectors.joining());
    String newKey = arriving(probe != null);
    sql.append(trigger("bi", "BEFORE INSERT", "", newKey + pushedOut));
    sql.append(trigger("ai", "AFTER INSERT", "", stored() + markNulls("NEW.")));
    sql.append(trigger("bd", "BEFORE DELETE", "", logRows("OLD.", "", "") + markNulls("OLD.")));
    sql.append(
        trigger(
            "bu", "BEFORE UPDATE", "", logRows("OLD.", "", "") + markNulls("OLD.") + pushedOut));
    sql.append(trigger("bk", "BEFORE UPDATE", " WHEN " + keyChanges(), newKey));
    sql.append(
        trigger("ak", "AFTER UPDATE", " WHEN " + keyChanges(), stored() + markNulls("NEW.")));
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
    return logRows(row(), fromTable(), key.collides(row(), value))
        + logAbsent("NEW.", "", TableMerge.mayHaveNulls(table) ? "" : key.complete("NEW."));
  }

  /** The key of the row as it was stored. */
  private String stored() {
    String condition =
        rowid != null
            ? row() + rowid + " = NEW." + rowid
            : key.matches(row(), column -> "NEW." + TableShape.quote(column.name()));
    return logAbsent(row(), fromTable(), condition);
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

  private String markNulls(String row) {
    return TableMerge.mayHaveNulls(table)
        ? mark(number, KEYLESS, "NOT (" + key.complete(row) + ") AND ")
        : "";
  }

  private static String mark(int number, String mark, String condition) {
    return "INSERT INTO %s SELECT %d, '%s' WHERE %sNOT EXISTS (SELECT 1 FROM temp.%s m WHERE m.n = %d AND m.mark = '%s');\n"
        .formatted(MARKS, number, mark, condition, MARKS, number, mark);
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
                  mark(number, KEYLESS, "")));
    }
    return sql.toString();
  }

  // ---- what is run by name -------------------------------------------------------------------

  /** Logs the whole table, before its definition is dropped or changed. */
  String logWhole() {
    return logRows(row(), fromTable(), "") + mark(number, WHOLE, "");
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
        + complete(row())
        + notLogged(row());
  }
}
