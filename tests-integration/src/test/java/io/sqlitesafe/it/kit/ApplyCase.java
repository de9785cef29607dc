package io.sqlitesafe.it.kit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A random schema with data, what one copy of it goes through (the changeset), and what another
 * copy went through meanwhile (the target): small key ranges, so that conflicts are the rule. The
 * same seed gives the same case.
 *
 * @param base schema and data of both copies
 * @param changes statements on the first copy; any of them may fail
 * @param drift statements on the target
 */
public record ApplyCase(
    long seed, boolean foreignKeys, List<String> base, List<String> changes, List<String> drift) {
  private static final String[] VALUES = {
    "NULL",
    "0",
    "1",
    "2",
    "3",
    "4",
    "-1",
    "1.5",
    "-0.0",
    "2.0",
    "9007199254740993",
    "'a'",
    "'A'",
    "'b'",
    "'c'",
    "''",
    "'1'",
    "'ünï☃'",
    "x'00ff'",
    "x''",
    "'x'||char(0)||'y'",
    "CAST(x'c328' AS TEXT)",
    "1e300"
  };
  private static final String[] TYPES = {"", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC"};
  private static final String[] STRICT = {"INTEGER", "TEXT", "REAL", "BLOB", "ANY"};
  private static final String[] ACTIONS = {
    "",
    "ON DELETE CASCADE",
    "ON DELETE SET NULL",
    "ON UPDATE CASCADE",
    "ON DELETE RESTRICT",
    "ON DELETE SET DEFAULT",
    "DEFERRABLE INITIALLY DEFERRED"
  };

  public static ApplyCase of(long seed) {
    return new Maker(seed).make();
  }

  /** To be fed to any SQLite: what the case is. */
  public String script() {
    return "-- seed "
        + seed
        + "\nPRAGMA foreign_keys="
        + (foreignKeys ? "ON" : "OFF")
        + ";\n-- both copies\n"
        + String.join(";\n", base)
        + ";\n-- the changeset is what these do\n"
        + String.join(";\n", changes)
        + ";\n-- the target went through these\n"
        + String.join(";\n", drift)
        + ";\n";
  }

  /** Whether a row that is there may be one that must not be deleted, not even for a moment. */
  public boolean forbidsDelete() {
    return base.stream()
        .anyMatch(
            sql ->
                sql.startsWith("CREATE TRIGGER stop BEFORE DELETE")
                    || foreignKeys && sql.contains("ON DELETE RESTRICT"));
  }

  private static final class Maker {
    private final long seed;
    private final Random random;
    private final List<Table> tables = new ArrayList<>();

    private record Table(String name, List<String> key, List<String> columns) {}

    Maker(long seed) {
      this.seed = seed;
      this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    ApplyCase make() {
      List<String> base = new ArrayList<>();
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        base.addAll(table(i));
      }
      if (chance(30)) {
        base.addAll(trigger());
      }
      for (int i = random.nextInt(14); i >= 0; i--) {
        base.add(insert("INSERT OR IGNORE"));
      }
      List<String> changes = statements(1 + random.nextInt(12));
      List<String> drift = statements(random.nextInt(8));
      boolean foreignKeys = chance(60);
      if (foreignKeys && chance(30)) {
        orphans(base, changes, drift);
      }
      return new ApplyCase(seed, foreignKeys, base, changes, drift);
    }

    /** Children come in the one copy, and their parents go in the other. */
    private void orphans(List<String> base, List<String> changes, List<String> drift) {
      String deferred = chance(20) ? " DEFERRABLE INITIALLY DEFERRED" : "";
      base.add("CREATE TABLE parent(id INTEGER PRIMARY KEY)");
      base.add("CREATE TABLE child(id INTEGER PRIMARY KEY, p REFERENCES parent" + deferred + ")");
      base.add("INSERT INTO parent VALUES(1), (2), (3)");
      changes.add("INSERT INTO child VALUES(1, 1), (2, " + (1 + random.nextInt(3)) + ")");
      drift.add("DELETE FROM parent WHERE id = " + (1 + random.nextInt(3)));
    }

    private List<String> table(int number) {
      List<String> sql = new ArrayList<>();
      String name = number == 0 ? "t" : chance(20) ? "odd \"name\" " + number : "T" + number;
      boolean strict = chance(15);
      List<String> definitions = new ArrayList<>();
      List<String> columns = new ArrayList<>();
      int total = 1 + random.nextInt(5);
      for (int i = 0; i < total; i++) {
        String column = "c" + i;
        columns.add(column);
        String type = strict ? pick(STRICT) : pick(TYPES);
        definitions.add(column + " " + type + constraints(column, type));
      }
      List<String> key = new ArrayList<>();
      String tail = "";
      if (chance(35)) {
        key.add("c0");
        definitions.set(0, "c0 INTEGER PRIMARY KEY");
      } else {
        int keys = Math.min(total, 1 + random.nextInt(2));
        List<String> shuffled = new ArrayList<>(columns);
        Collections.shuffle(shuffled, random);
        key.addAll(shuffled.subList(0, keys));
        tail = ", PRIMARY KEY(" + String.join(",", key) + ")";
        if (chance(15)) {
          tail = ", PRIMARY KEY(" + key.get(0) + " COLLATE NOCASE" + rest(key) + ")";
        }
      }
      boolean withoutRowid = !tail.isEmpty() && chance(35);
      if (chance(20)) {
        definitions.add(
            random.nextInt(definitions.size() + 1), "g AS (" + columns.get(0) + ")" + stored());
        if (strict) {
          definitions.replaceAll(d -> d.startsWith("g AS") ? "g ANY" + d.substring(1) : d);
        }
      }
      String references = "";
      if (!tables.isEmpty() && chance(50)) {
        Table parent = pick(tables);
        if (parent.key.size() == 1) {
          references =
              ", FOREIGN KEY("
                  + pick(columns)
                  + ") REFERENCES "
                  + quoted(parent.name)
                  + "("
                  + parent.key.get(0)
                  + ") "
                  + pick(ACTIONS);
        }
      }
      String options = withoutRowid ? " WITHOUT ROWID" : "";
      options += strict ? (options.isEmpty() ? " STRICT" : ", STRICT") : "";
      sql.add(
          "CREATE TABLE "
              + quoted(name)
              + "("
              + String.join(", ", definitions)
              + tail
              + references
              + ")"
              + options);
      tables.add(new Table(name, key, columns));
      if (chance(40)) {
        sql.add(index(name, columns, number));
      }
      return sql;
    }

    private String stored() {
      return chance(50) ? " STORED" : "";
    }

    private static String rest(List<String> key) {
      return key.size() > 1 ? "," + key.get(1) : "";
    }

    private String constraints(String column, String type) {
      StringBuilder text = new StringBuilder();
      if (chance(12)) {
        text.append(" NOT NULL");
      }
      if (chance(15)) {
        text.append(" UNIQUE");
      }
      if (chance(12)) {
        text.append(" CHECK(").append(column).append(" IS NULL OR ").append(column).append("<>3)");
      }
      if (chance(15)) {
        text.append(" DEFAULT 2");
      }
      if (chance(15) && !type.equals("INTEGER")) {
        text.append(" COLLATE NOCASE");
      }
      return text.toString();
    }

    private String index(String table, List<String> columns, int number) {
      String column = pick(columns);
      String what =
          switch (random.nextInt(4)) {
            case 0 -> "lower(" + column + ")";
            case 1 -> column + ", " + pick(columns);
            default -> column;
          };
      return "CREATE UNIQUE INDEX i"
          + number
          + " ON "
          + quoted(table)
          + "("
          + what
          + ")"
          + (chance(30) ? " WHERE " + pick(columns) + " IS NOT NULL" : "");
    }

    private List<String> trigger() {
      Table on = pick(tables);
      String event = pick(new String[] {"INSERT", "UPDATE", "DELETE"});
      String row = event.equals("DELETE") ? "old" : "new";
      String condition = " WHEN " + row + "." + pick(on.columns) + "=1";
      return switch (random.nextInt(4)) {
        case 0 ->
            List.of(
                "CREATE TRIGGER stop BEFORE "
                    + event
                    + " ON "
                    + quoted(on.name)
                    + condition
                    + " BEGIN SELECT RAISE(ABORT,'stop'); END");
        case 1 ->
            List.of(
                "CREATE TRIGGER pass BEFORE "
                    + event
                    + " ON "
                    + quoted(on.name)
                    + condition
                    + " BEGIN SELECT RAISE(IGNORE); END");
        default ->
            List.of(
                "CREATE TABLE log(id INTEGER PRIMARY KEY, what)",
                "CREATE TRIGGER logged AFTER "
                    + event
                    + " ON "
                    + quoted(on.name)
                    + " BEGIN INSERT INTO log(what) VALUES("
                    + row
                    + "."
                    + pick(on.columns)
                    + "); END");
      };
    }

    private List<String> statements(int count) {
      List<String> sql = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        sql.add(
            switch (random.nextInt(10)) {
              case 0, 1, 2 -> insert("INSERT");
              case 3 -> insert("INSERT OR REPLACE");
              case 4, 5, 6 -> update();
              case 7 -> swap();
              default -> delete();
            });
      }
      return sql;
    }

    private String insert(String verb) {
      Table table = pick(tables);
      List<String> values = new ArrayList<>();
      table.columns.forEach(column -> values.add(value()));
      return verb
          + " INTO "
          + quoted(table.name)
          + "("
          + String.join(",", table.columns)
          + ") VALUES("
          + String.join(",", values)
          + ")";
    }

    private String update() {
      Table table = pick(tables);
      String set = pick(table.columns) + "=" + value();
      if (chance(30)) {
        set = pick(table.columns) + "=" + pick(table.columns);
      }
      return "UPDATE " + quoted(table.name) + " SET " + set + where(table);
    }

    /** Two rows exchange a value. */
    private String swap() {
      Table table = pick(tables);
      String column = pick(table.columns);
      return "UPDATE "
          + quoted(table.name)
          + " SET "
          + column
          + "=CASE "
          + column
          + " WHEN 1 THEN 2 WHEN 2 THEN 1 WHEN 'a' THEN 'b' WHEN 'b' THEN 'a' ELSE "
          + column
          + " END";
    }

    private String delete() {
      Table table = pick(tables);
      return "DELETE FROM " + quoted(table.name) + (chance(8) ? "" : where(table));
    }

    private String where(Table table) {
      return chance(80)
          ? " WHERE " + pick(table.key) + " IS " + value()
          : " WHERE " + pick(table.columns) + " > " + value();
    }

    private String value() {
      return chance(60) ? VALUES[random.nextInt(7)] : pick(VALUES);
    }

    private boolean chance(int percent) {
      return random.nextInt(100) < percent;
    }

    private <T> T pick(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    private String pick(String[] list) {
      return list[random.nextInt(list.length)];
    }

    private static String quoted(String name) {
      return '"' + name.replace("\"", "\"\"") + '"';
    }
  }
}
