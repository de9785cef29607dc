package io.sqlitesafe.internal.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A random schema with rows, and a random script to run on it in one transaction. The same seed
 * gives the same one. Statements may fail; then they are passed over.
 *
 * @param setUp makes the database
 * @param script the transaction, without BEGIN and COMMIT
 */
public record RandomTransaction(long seed, List<String> setUp, List<String> script) {

  public static RandomTransaction of(long seed) {
    return of(seed, Features.ALL);
  }

  public static RandomTransaction of(long seed, Features features) {
    Maker maker = new Maker(new Random(seed), features);
    return new RandomTransaction(seed, maker.setUp(), maker.script());
  }

  /** What may occur. */
  public enum Features {
    ALL,
    /** Nothing in which SQLite's session extension is known to differ, or that it has not. */
    AS_SESSION,
    /** The same, with tables that have no key, and statements about their rowids. */
    ROWIDS
  }

  /** To be pasted into a shell. */
  @Override
  public String toString() {
    return "-- seed "
        + seed
        + "\nPRAGMA foreign_keys=ON;\n"
        + String.join(";\n", setUp)
        + ";\nBEGIN;\n"
        + String.join(";\n", script)
        + ";\n";
  }

  private record Column(String name, boolean key) {}

  private record Table(String name, List<Column> columns, boolean strict, boolean keyed) {
    List<Column> keys() {
      return columns.stream().filter(Column::key).toList();
    }
  }

  private static final class Maker {
    private static final String[] NAMES = {"t", "\"select\"", "\"o'd \"\"d☃\"", "[new]", "l"};
    private static final String[] INTEGERS = {
      "0", "1", "2", "3", "4", "5", "7", "-1", "9007199254740993"
    };
    private static final String[] TEXTS = {"'a'", "'A'", "'b'", "'B'", "'ä'", "''", "'1'", "'a '"};
    private static final String[] OTHERS = {
      "NULL", "0.5", "1.0", "2.0", "-0.0", "0.0", "1e18", "x''", "x'00ff'", "x'61'", "'zz'", "12"
    };

    private final Random random;
    private final Features features;
    private final List<Table> tables = new ArrayList<>();

    Maker(Random random, Features features) {
      this.random = random;
      this.features = features;
    }

    private boolean all() {
      return features == Features.ALL;
    }

    private boolean chance(int percent) {
      return random.nextInt(100) < percent;
    }

    private String pick(String... from) {
      return from[random.nextInt(from.length)];
    }

    private <T> T pick(List<T> from) {
      return from.get(random.nextInt(from.size()));
    }

    private String value() {
      return switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> pick(INTEGERS);
        case 4, 5, 6 -> pick(TEXTS);
        default -> pick(OTHERS);
      };
    }

    // ---- schema ------------------------------------------------------------------------------

    List<String> setUp() {
      List<String> sql = new ArrayList<>();
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        sql.add(createTable(NAMES[(i + random.nextInt(2) * 2) % NAMES.length], i));
      }
      for (Table table : tables) {
        if (chance(50)) {
          sql.add(createIndex(table, sql.size()));
        }
      }
      if (chance(40)) {
        int triggers = 1 + random.nextInt(2);
        for (int i = 0; i < triggers; i++) {
          sql.add(createTrigger(sql.size()));
        }
      }
      int rows = 3 + random.nextInt(12);
      for (int i = 0; i < rows; i++) {
        sql.add(insert(pick(tables), "INSERT OR IGNORE"));
      }
      if (chance(10)) {
        sql.add("ANALYZE");
      }
      return sql;
    }

    private String createTable(String wanted, int number) {
      boolean taken = tables.stream().anyMatch(table -> table.name().equals(wanted));
      String name = taken ? "t" + number : wanted;
      boolean strict = chance(15);
      List<Column> columns = new ArrayList<>();
      List<String> definitions = new ArrayList<>();
      String end = key(columns, definitions, strict);
      boolean keyed = !columns.isEmpty();
      int more = 1 + random.nextInt(4);
      for (int i = 0; i < more; i++) {
        String column = chance(15) ? "\"group " + i + "\"" : "c" + i;
        definitions.add(column + " " + definition(strict));
        columns.add(new Column(column, false));
      }
      if (chance(25)) {
        String of = columns.get(columns.size() - 1).name();
        String type = strict ? " ANY" : "";
        definitions.add(
            random.nextInt(definitions.size()),
            "g"
                + type
                + " AS ("
                + of
                + pick(" || 'x'", " + 1", "")
                + ")"
                + pick("", " STORED", " UNIQUE"));
      }
      String last = columns.get(columns.size() - 1).name();
      if (!tables.isEmpty() && chance(40)) {
        Table parent = pick(tables);
        if (parent.keys().size() == 1) {
          definitions.add("FOREIGN KEY(" + last + ") REFERENCES " + parent.name() + actions());
        }
      } else if (columns.stream().filter(Column::key).count() == 1 && chance(20)) {
        definitions.add("FOREIGN KEY(" + last + ") REFERENCES " + name + actions());
      }
      String key = end.startsWith("PRIMARY") ? end.substring(0, end.indexOf(')') + 1) : "";
      if (!key.isEmpty()) {
        definitions.add(key);
      }
      List<String> options = new ArrayList<>();
      if (end.endsWith("WITHOUT ROWID")) {
        options.add("WITHOUT ROWID");
      }
      if (strict) {
        options.add("STRICT");
      }
      tables.add(new Table(name, columns, strict, keyed));
      // constraints come after all columns
      definitions.sort((a, b) -> Boolean.compare(constraint(a), constraint(b)));
      return "CREATE TABLE "
          + name
          + "("
          + String.join(", ", definitions)
          + ") "
          + String.join(", ", options);
    }

    private static boolean constraint(String definition) {
      return definition.startsWith("FOREIGN") || definition.startsWith("PRIMARY");
    }

    private String actions() {
      String[] what = {"CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION", "RESTRICT"};
      return " ON DELETE "
          + pick(what)
          + " ON UPDATE "
          + pick(what)
          + pick("", " DEFERRABLE INITIALLY DEFERRED");
    }

    /** Adds the columns of the key; returns what comes at the end of the definition. */
    private String key(List<Column> columns, List<String> definitions, boolean strict) {
      if (features == Features.ROWIDS && chance(60)) {
        return "";
      }
      String withoutRowid = chance(30) ? " WITHOUT ROWID" : "";
      int kind = random.nextInt(all() ? 12 : 6);
      if (kind == 11) {
        return "";
      }
      columns.add(new Column("k", true));
      switch (kind) {
        case 0, 1 ->
            definitions.add(
                "k INTEGER PRIMARY KEY" + (chance(20) && all() ? " ON CONFLICT REPLACE" : ""));
        case 2 -> definitions.add("k INTEGER PRIMARY KEY AUTOINCREMENT");
        case 3 -> {
          definitions.add("k TEXT PRIMARY KEY" + notNull());
          return withoutRowid;
        }
        case 4 -> {
          definitions.add("k INT PRIMARY KEY" + (chance(30) ? " DESC" : "") + notNull());
          return withoutRowid;
        }
        case 5, 6 -> {
          columns.add(new Column("k2", true));
          definitions.add("k TEXT" + notNull());
          definitions.add("k2 INT" + notNull());
          return "PRIMARY KEY(" + pick("k, k2", "k2, k", "k DESC, k2") + ")" + withoutRowid;
        }
        case 7 -> {
          definitions.add("k TEXT COLLATE NOCASE PRIMARY KEY" + notNull());
          return withoutRowid;
        }
        case 8 -> {
          definitions.add("k REAL PRIMARY KEY" + notNull());
          return withoutRowid;
        }
        case 9 -> {
          definitions.add((strict ? "k ANY" : "k") + " PRIMARY KEY");
          return withoutRowid;
        }
        default -> {
          columns.add(new Column("k2", true));
          definitions.add(strict ? "k ANY" : "k");
          definitions.add("k2 TEXT" + notNull());
          return "PRIMARY KEY(k, k2 COLLATE " + pick("NOCASE", "BINARY") + ")" + withoutRowid;
        }
      }
      return "";
    }

    private String notNull() {
      return pick(
          "",
          " NOT NULL",
          " NOT NULL DEFAULT 3",
          all() ? " NOT NULL ON CONFLICT REPLACE DEFAULT 2" : "");
    }

    private String definition(boolean strict) {
      String type =
          strict
              ? pick("INT", "TEXT", "REAL", "BLOB", "ANY")
              : pick("INT", "TEXT", "REAL", "BLOB", "", "NUMERIC", "INTEGER", "VARCHAR(3)");
      return type
          + pick("", "", "", " COLLATE NOCASE")
          + switch (random.nextInt(12)) {
            case 0 -> " NOT NULL DEFAULT 1";
            case 1 -> " NOT NULL ON CONFLICT REPLACE DEFAULT 4";
            case 2 -> " DEFAULT 'd'";
            case 3 -> " UNIQUE";
            case 4 -> all() ? " UNIQUE ON CONFLICT REPLACE" : " UNIQUE";
            case 5 -> " UNIQUE ON CONFLICT IGNORE";
            case 6 -> " DEFAULT 5 UNIQUE";
            default -> "";
          };
    }

    private String createIndex(Table table, int number) {
      String a = pick(table.columns()).name();
      String b = pick(table.columns()).name();
      String terms =
          pick(
              a,
              a + ", " + b + " COLLATE RTRIM",
              "lower(" + a + ")",
              a + " || ',' || " + b + " DESC",
              "abs(" + a + ") % 3 COLLATE NOCASE, " + b,
              table.name() + "." + a + " + 1 ASC");
      String where =
          pick("", "", " WHERE " + b + " IS NOT NULL", " WHERE typeof(" + a + ") = 'integer'");
      return "CREATE "
          + pick("UNIQUE ", "UNIQUE ", "")
          + "INDEX i"
          + number
          + " ON "
          + table.name()
          + "("
          + terms.replace(table.name() + ".", chance(50) ? "" : table.name() + ".")
          + ")"
          + where;
    }

    private String createTrigger(int number) {
      Table on = pick(tables);
      Table other = pick(tables);
      String event = pick("INSERT", "UPDATE", "DELETE");
      String row =
          event.equals("DELETE") ? "OLD." : pick("NEW.", event.equals("INSERT") ? "NEW." : "OLD.");
      String value = row + pick(on.columns()).name();
      String target = pick(other.columns()).name();
      String where =
          pick(other.columns()).name() + pick(" = ", " < ", " IS ") + pick(value, value());
      String body =
          switch (random.nextInt(6)) {
            case 0, 1 ->
                "UPDATE "
                    + pick("", "OR REPLACE ", "OR IGNORE ")
                    + other.name()
                    + " SET "
                    + target
                    + " = "
                    + pick(value, value(), target + " + 1")
                    + " WHERE "
                    + where;
            case 2 -> "DELETE FROM " + other.name() + " WHERE " + where;
            case 3, 4 -> insert(other, pick("INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"));
            default -> "SELECT RAISE(IGNORE) WHERE " + value + " IS " + value();
          };
      return "CREATE TRIGGER r"
          + number
          + " "
          + pick("BEFORE", "AFTER")
          + " "
          + event
          + " ON "
          + on.name()
          + " BEGIN "
          + body
          + "; END";
    }

    // ---- rows --------------------------------------------------------------------------------

    private String insert(Table table, String verb) {
      List<Column> columns =
          table.columns().stream().filter(column -> chance(column.key() ? 85 : 80)).toList();
      if (columns.isEmpty()) {
        return verb + " INTO " + table.name() + " DEFAULT VALUES";
      }
      return verb
          + " INTO "
          + table.name()
          + "("
          + columns.stream().map(Column::name).collect(Collectors.joining(", "))
          + ") VALUES("
          + columns.stream().map(c -> value()).collect(Collectors.joining(", "))
          + ")";
    }

    private String update(Table table) {
      int count = 1 + random.nextInt(2);
      List<String> sets = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Column column = chance(35) && table.keyed() ? pick(table.keys()) : pick(table.columns());
        String name = column.name();
        sets.add(
            name
                + " = "
                + pick(
                    value(),
                    value(),
                    name + " + 1",
                    "-" + name,
                    "upper(" + name + ")",
                    "lower(" + name + ")",
                    pick(table.columns()).name()));
      }
      return "UPDATE "
          + pick("", "", "", "OR REPLACE ", "OR IGNORE ", all() ? "OR FAIL " : "")
          + table.name()
          + " SET "
          + String.join(", ", sets)
          + where(table);
    }

    private String where(Table table) {
      return chance(25)
          ? ""
          : " WHERE " + pick(table.columns()).name() + pick(" = ", " > ", " <> ", " IS ") + value();
    }

    private String upsert(Table table) {
      Column column = pick(table.columns());
      String set = pick(table.columns()).name();
      return insert(table, "INSERT")
          + " ON CONFLICT "
          + (table.keyed() && chance(40)
              ? "("
                  + table.keys().stream().map(Column::name).collect(Collectors.joining(", "))
                  + ") "
              : "")
          + "DO "
          + pick(
              "NOTHING",
              "UPDATE SET " + set + " = excluded." + column.name(),
              "UPDATE SET " + set + " = " + value());
    }

    private String copy(Table table) {
      Table from = pick(tables);
      int count = Math.min(table.columns().size(), from.columns().size());
      return pick("INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE")
          + " INTO "
          + table.name()
          + "("
          + table.columns().stream()
              .limit(count)
              .map(Column::name)
              .collect(Collectors.joining(", "))
          + ") SELECT "
          + from.columns().stream()
              .limit(count)
              .map(c -> chance(70) ? c.name() : value())
              .collect(Collectors.joining(", "))
          + " FROM "
          + from.name();
    }

    List<String> script() {
      List<String> sql = new ArrayList<>();
      int count = 1 + random.nextInt(10);
      for (int i = 0; i < count; i++) {
        Table table = pick(tables);
        if (features == Features.ROWIDS && !table.keyed() && chance(30)) {
          sql.add(aboutRowid(table));
          continue;
        }
        sql.add(
            switch (random.nextInt(20)) {
              case 0, 1, 2 -> insert(table, "INSERT");
              case 3, 4 -> insert(table, pick("REPLACE", "INSERT OR REPLACE"));
              case 5 ->
                  insert(
                      table,
                      pick("INSERT OR IGNORE", all() ? "INSERT OR FAIL" : "INSERT OR ABORT"));
              case 6, 7 -> upsert(table);
              case 8, 9, 10, 11, 12 -> update(table);
              case 13 -> "DELETE FROM " + table.name();
              case 14, 15 -> "DELETE FROM " + table.name() + where(table);
              case 16 -> copy(table);
              case 17 -> pick("SAVEPOINT s", "SAVEPOINT s", "SAVEPOINT s2");
              case 18 -> pick("ROLLBACK TO s", "RELEASE s", "ROLLBACK TO s2");
              default -> all() ? schemaChange(table, i) : update(table);
            });
      }
      return sql;
    }

    private String aboutRowid(Table table) {
      String column = table.columns().get(0).name();
      return switch (random.nextInt(4)) {
        case 0 -> "UPDATE " + table.name() + " SET rowid = rowid + 100 WHERE rowid % 3 = 0";
        case 1 -> "UPDATE OR REPLACE " + table.name() + " SET oid = 4 WHERE oid = 2";
        case 2 ->
            pick("INSERT", "REPLACE", "INSERT OR IGNORE")
                + " INTO "
                + table.name()
                + "(_rowid_, "
                + column
                + ") VALUES("
                + pick("-1", "1", "2", "3", "NULL", "9000000000")
                + ", "
                + value()
                + ")";
        default -> "DELETE FROM " + table.name() + " WHERE rowid IN (1, 5)";
      };
    }

    private String schemaChange(Table table, int i) {
      return switch (random.nextInt(12)) {
        case 0, 1, 2 -> createIndex(table, 100 + i);
        case 3, 4, 5 -> createTrigger(100 + i);
        case 6 -> "DROP TABLE " + table.name();
        case 7 -> "ALTER TABLE " + table.name() + " ADD COLUMN added DEFAULT 7";
        case 8 -> "ALTER TABLE " + table.name() + " RENAME TO renamed" + i;
        case 9 -> "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, c0 UNIQUE)";
        case 10 -> "PRAGMA recursive_triggers=" + pick("ON", "OFF");
        default -> "ANALYZE";
      };
    }
  }
}
