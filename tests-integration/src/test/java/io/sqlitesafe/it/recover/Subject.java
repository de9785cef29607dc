package io.sqlitesafe.it.recover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** A database of a random form, made to be damaged. The same number makes the same one. */
final class Subject {
  private static final String[] WORDS = {
    "alpha", "Bahnhof", "čeština", "дом", "e", "fünf", "grüße", "h\u4e2d\u6587", "i", "junction"
  };

  private final Random random;
  private final Path file;

  /** Of each table, the last column that gets values. */
  private final List<String> last = new ArrayList<>();

  /** Rows that were there before some were deleted. */
  private final Set<String> past = new HashSet<>();

  Subject(long seed, Path file) {
    this.random = new Random(seed);
    this.file = file;
  }

  private int upTo(int most) {
    return random.nextInt(most);
  }

  private boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /**
   * Makes it.
   *
   * @param log its last rows are to be in a write-ahead log beside it
   * @return what is in it
   */
  Truth make(boolean log) throws SQLException, IOException {
    int pageSize = oneIn(4) ? 512 << upTo(8) : oneIn(3) ? 1024 : 4096;
    String encoding = oneIn(5) ? "UTF-16le" : oneIn(12) ? "UTF-16be" : "UTF-8";
    Path building = file.resolveSibling("building.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + building);
        Statement sql = connection.createStatement()) {
      sql.execute("PRAGMA page_size=" + pageSize);
      sql.execute("PRAGMA encoding='" + encoding + "'");
      sql.execute("PRAGMA auto_vacuum=" + (oneIn(6) ? 1 + upTo(2) : 0));
      sql.execute("PRAGMA application_id=4711");
      if (log) {
        sql.execute("PRAGMA journal_mode=WAL");
        sql.execute("PRAGMA wal_autocheckpoint=0");
      }
      connection.setAutoCommit(false);
      fill(connection, sql, pageSize);
      connection.commit();
      if (log) {
        connection.setAutoCommit(true);
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        for (int i = 0; i < 6; i++) {
          more(sql);
        }
      }
      Truth truth = Truth.of(connection);
      truth.past().addAll(past);
      Files.copy(building, file, StandardCopyOption.REPLACE_EXISTING);
      if (log) {
        Files.copy(
            building.resolveSibling("building.db-wal"),
            file.resolveSibling(file.getFileName() + "-wal"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      return truth;
    } finally {
      Files.deleteIfExists(building);
    }
  }

  private static String name(int table) {
    return "t" + table;
  }

  private void fill(Connection connection, Statement sql, int pageSize) throws SQLException {
    int tables = 2 + upTo(5);
    for (int i = 0; i < tables; i++) {
      table(connection, sql, name(i), pageSize);
    }
    if (oneIn(3)) {
      sql.execute("CREATE VIEW v AS SELECT * FROM t0");
      sql.execute("CREATE TRIGGER tr AFTER DELETE ON t0 BEGIN SELECT 1; END");
    }
    connection.commit();
    past.addAll(Truth.of(connection).records().keySet());
    for (int i = 0; i < tables; i++) {
      if (oneIn(2)) {
        // By what is in them: the same rows each time.
        int some = 3 + upTo(20);
        sql.execute(
            "DELETE FROM "
                + name(i)
                + " WHERE length(hex("
                + last.get(i)
                + ")) / 2 % "
                + some
                + " = 1");
      }
    }
    if (tables > 3 && oneIn(3)) {
      sql.execute("DROP TABLE t" + (tables - 1));
    }
  }

  private void more(Statement sql) throws SQLException {
    sql.execute("CREATE TABLE IF NOT EXISTS logged(id INTEGER PRIMARY KEY, what TEXT)");
    int rows = 1 + upTo(60);
    sql.execute(
        "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < "
            + rows
            + ") INSERT INTO logged(what) SELECT 'logged ' || x FROM c");
  }

  private void table(Connection connection, Statement sql, String name, int pageSize)
      throws SQLException {
    int kind = upTo(9);
    String without = "";
    String columns =
        switch (kind) {
          case 0 -> "id INTEGER PRIMARY KEY, name TEXT, value REAL, data BLOB";
          case 1 -> "a, b, c";
          case 2 -> "code TEXT PRIMARY KEY, n INTEGER NOT NULL, note TEXT DEFAULT 'x'";
          case 3 -> "k TEXT, l INTEGER, v BLOB, w REAL, PRIMARY KEY(k, l)";
          case 4 -> "id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL";
          case 5 -> "x INTEGER, y TEXT, z TEXT AS (y || '!') STORED, q AS (x + 1)";
          case 6 -> "i INT, r REAL, t TEXT, data BLOB, a ANY";
          case 7 -> "id INTEGER PRIMARY KEY, body TEXT";
          default -> "id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c VARCHAR(20), d DECIMAL";
        };
    if (kind == 3) {
      without = " WITHOUT ROWID";
    } else if (kind == 6) {
      without = " STRICT";
    }
    sql.execute("CREATE TABLE " + name + "(" + columns + ")" + without);
    String[] inserted =
        switch (kind) {
          case 0 -> new String[] {"id", "name", "value", "data"};
          case 1 -> new String[] {"a", "b", "c"};
          case 2 -> new String[] {"code", "n", "note"};
          case 3 -> new String[] {"k", "l", "v", "w"};
          case 4 -> new String[] {"at", "what"};
          case 5 -> new String[] {"x", "y"};
          case 6 -> new String[] {"i", "r", "t", "data", "a"};
          case 7 -> new String[] {"id", "body"};
          default -> new String[] {"id", "a", "b", "c", "d"};
        };
    last.add(inserted[inserted.length - 1]);
    int rows = oneIn(5) ? upTo(10) : (20 + upTo(400)) * (pageSize > 4096 ? 4 : 1);
    int step = oneIn(3) ? 1 + upTo(50) : 1;
    insert(connection, name, inserted, rows, step, pageSize);
    if (kind != 3 && kind != 6 && oneIn(4)) {
      sql.execute("ALTER TABLE " + name + " ADD COLUMN extra TEXT DEFAULT 'later'");
      insert(connection, name, inserted, 0, step, pageSize);
    }
    if (oneIn(2)) {
      sql.execute(
          "CREATE INDEX i_" + name + " ON " + name + "(" + inserted[inserted.length - 1] + ")");
    }
  }

  private void insert(
      Connection connection, String table, String[] columns, int rows, int step, int pageSize)
      throws SQLException {
    String places = "?,".repeat(columns.length);
    String sql =
        "INSERT OR IGNORE INTO "
            + table
            + "("
            + String.join(",", columns)
            + ") VALUES("
            + places.substring(0, places.length() - 1)
            + ")";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int i = 1; i <= rows; i++) {
        for (int c = 0; c < columns.length; c++) {
          insert.setObject(c + 1, value(columns[c], (long) i * step, pageSize));
        }
        insert.executeUpdate();
      }
    }
  }

  private Object value(String column, long row, int pageSize) {
    return switch (column) {
      case "id", "l", "at", "i" -> row;
      case "n", "x" -> row * 7 % 1000;
      case "code" -> "code-" + row * 7919 % 100003;
      case "value", "w", "r" -> oneIn(10) ? (Object) (double) row : (Object) (row / 7.0);
      case "data", "v" -> blob(oneIn(12) ? pageSize * (1 + upTo(4)) : upTo(60));
      case "body" -> text(oneIn(6) ? pageSize * (1 + upTo(3)) : 20 + upTo(200));
      case "b", "a", "c", "d" -> any(column);
      default -> text(1 + upTo(60));
    };
  }

  private Object any(String column) {
    if (column.equals("c")) {
      return text(upTo(18));
    }
    return column.equals("b") && oneIn(3)
        ? blob(4)
        : upTo(4) == 0 ? upTo(1000) / 8.0 : upTo(100000);
  }

  private byte[] blob(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private String text(int length) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%x ", random.nextInt()));
    while (text.length() < length) {
      text.append(WORDS[upTo(WORDS.length)]).append(' ');
    }
    return text.toString();
  }
}
