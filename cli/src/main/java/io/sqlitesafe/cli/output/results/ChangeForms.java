package io.sqlitesafe.cli.output.results;

import io.sqlitesafe.changeset.Change;
import io.sqlitesafe.changeset.Conflict;
import io.sqlitesafe.changeset.Operation;
import io.sqlitesafe.changeset.Resolution;
import io.sqlitesafe.changeset.TableHeader;
import io.sqlitesafe.changeset.Value;
import io.sqlitesafe.changeset.ValueText;
import io.sqlitesafe.cli.output.text.DisplayText;
import io.sqlitesafe.cli.output.text.JsonOutput;
import io.sqlitesafe.cli.output.text.SqlText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Changes as text for people, as JSON and as SQL. */
public final class ChangeForms {
  private static final int NAME_WIDTH = 60;

  private ChangeForms() {}

  // ---- text ----------------------------------------------------------------------------------

  /** "UPDATE stock id=1: n 40 -> 38"; long values are cut. */
  public static String text(TableHeader table, List<String> columns, Change change) {
    StringJoiner key = new StringJoiner(" ");
    StringJoiner rest = new StringJoiner(", ");
    for (int i = 0; i < table.columns(); i++) {
      String name = DisplayText.of(columns.get(i), NAME_WIDTH);
      Value before = change.before(i);
      Value after = change.after(i);
      if (table.isKey(i)) {
        key.add(name + "=" + ValueText.brief(change.key(i)));
      } else if (change.operation() == Operation.UPDATE) {
        addUpdate(rest, name, before, after);
      } else if (change.key(i).isDefined()) {
        rest.add(name + "=" + ValueText.brief(change.key(i)));
      }
    }
    return change.operation()
        + " "
        + DisplayText.of(table.name(), NAME_WIDTH)
        + " "
        + key
        + (rest.length() == 0 ? "" : ": " + rest)
        + (change.indirect() ? " (indirect)" : "")
        + "\n";
  }

  private static void addUpdate(StringJoiner to, String name, Value before, Value after) {
    if (after.isDefined()) {
      String from = before.isDefined() ? ValueText.brief(before) + " " : "";
      to.add(name + " " + from + "-> " + ValueText.brief(after));
    } else if (before.isDefined()) {
      to.add(name + " " + ValueText.brief(before) + " stays");
    }
  }

  /** A conflict for people. */
  public static String text(Conflict conflict, Resolution resolution) {
    return conflict.kind().id()
        + ", "
        + resolution.name().toLowerCase(Locale.ROOT)
        + ": "
        + conflict.describe()
        + "\n";
  }

  // ---- JSON ----------------------------------------------------------------------------------

  /** One object on one line. */
  public static String json(TableHeader table, List<String> columns, Change change) {
    return JsonOutput.toJson(object(table, columns, change)) + "\n";
  }

  private static Map<String, @Nullable Object> object(
      TableHeader table, List<String> columns, Change change) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("table", table.name());
    object.put("operation", change.operation().name());
    if (change.indirect()) {
      object.put("indirect", true);
    }
    object.put("key", values(columns, change::key, table::isKey));
    if (change.operation() != Operation.INSERT) {
      object.put("old", values(columns, change::before, i -> !table.isKey(i)));
    }
    if (change.operation() != Operation.DELETE) {
      object.put("new", values(columns, change::after, i -> !table.isKey(i)));
    }
    return object;
  }

  private static Map<String, @Nullable Object> values(
      List<String> columns, IntFunction<Value> value, IntPredicate which) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < columns.size(); i++) {
      if (which.test(i) && value.apply(i).isDefined()) {
        values.put(columns.get(i), json(value.apply(i)));
      }
    }
    return values;
  }

  /** A BLOB and a text that is no UTF-8 are objects with one member, their bytes in base64. */
  private static @Nullable Object json(Value value) {
    return switch (value.kind()) {
      case UNDEFINED, NULL -> null;
      case INTEGER -> value.integer();
      case REAL -> value.real();
      case BLOB -> Map.of("blob", value.bytes());
      case TEXT -> {
        String text = value.wellFormedText();
        yield text == null ? Map.of("text", value.bytes()) : text;
      }
    };
  }

  /** A conflict as one object on one line. */
  public static String json(Conflict conflict, Resolution resolution) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("conflict", conflict.kind().id());
    object.put("resolution", resolution.name().toLowerCase(Locale.ROOT));
    TableHeader table = conflict.table();
    Change change = conflict.change();
    if (table != null && change != null) {
      object.putAll(object(table, conflict.columns().subList(0, table.columns()), change));
      if (!conflict.row().isEmpty()) {
        object.put(
            "found",
            values(conflict.columns().subList(0, table.columns()), conflict.row()::get, i -> true));
      }
    }
    return JsonOutput.toJson(object) + "\n";
  }

  // ---- SQL -----------------------------------------------------------------------------------

  /** {@link #sql} as an object on one line. */
  public static String sqlJson(TableHeader table, List<String> columns, Change change) {
    String sql = sql(table, columns, change).stripTrailing();
    return JsonOutput.toJson(Map.of("sql", sql)) + "\n";
  }

  /** A statement that does the same, and nothing where the row is not what it should be. */
  public static String sql(TableHeader table, List<String> columns, Change change) {
    String name = SqlText.name(table.name());
    StringJoiner where = new StringJoiner(" AND ", " WHERE ", "");
    StringJoiner set = new StringJoiner(", ", " SET ", "");
    StringJoiner into = new StringJoiner(",", "(", ")");
    StringJoiner values = new StringJoiner(",", " VALUES(", ")");
    for (int i = 0; i < table.columns(); i++) {
      String column = SqlText.name(columns.get(i));
      if (change.before(i).isDefined()) {
        where.add(column + " IS " + SqlText.literal(change.before(i)));
      }
      if (change.after(i).isDefined()) {
        set.add(column + "=" + SqlText.literal(change.after(i)));
        into.add(column);
        values.add(SqlText.literal(change.after(i)));
      }
    }
    return switch (change.operation()) {
      case DELETE -> "DELETE FROM " + name + where + ";\n";
      case UPDATE -> "UPDATE " + name + set + where + ";\n";
      case INSERT -> "INSERT INTO " + name + into + values + ";\n";
    };
  }
}
