package io.sqlitesafe.it.kit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;

/** Makes sound databases, and harms them below SQLite or behind its back. */
public final class Damage {
  public static final int PAGE = 4096;

  private static final String[] SOUND = {
    "CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE child(id INTEGER PRIMARY KEY, p INT REFERENCES parent(id), note TEXT, n INT)",
    "CREATE INDEX child_note ON child(note)",
    "CREATE INDEX child_n ON child(n)",
    "CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT)",
    "CREATE VIRTUAL TABLE own USING fts5(body)",
    "CREATE VIRTUAL TABLE outer_text USING fts5(body, content='docs', content_rowid='id')",
    "CREATE VIRTUAL TABLE old_text USING fts4(body)",
    "INSERT INTO parent VALUES(1, 'one'), (2, 'two')",
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 2000) INSERT INTO"
        + " child SELECT x, 1 + x % 2, printf('note %08d', x * 7919 % 2003), x % 50 FROM c",
    "INSERT INTO docs VALUES(1, 'a quiet night'), (2, 'the second document')",
    "INSERT INTO own SELECT body FROM docs",
    "INSERT INTO old_text SELECT body FROM docs",
    "INSERT INTO outer_text(outer_text) VALUES('rebuild')",
    // free pages
    "CREATE TABLE gone(x)",
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < 40)"
        + " INSERT INTO gone SELECT zeroblob(3000) FROM c",
    "DROP TABLE gone"
  };

  private Damage() {}

  /** A database with all that can be damaged. */
  public static Path sound(Path directory, String name) {
    return Db.create(directory, name, SOUND);
  }

  /** The first page of that type in a b-tree. */
  public static long page(Path db, String tree, String type) {
    return Db.integer(
        db,
        "SELECT min(pageno) FROM dbstat WHERE name = '" + tree + "' AND pagetype = '" + type + "'");
  }

  /** Fills a page with noise. */
  public static void scramble(Path db, long page) {
    byte[] noise = new byte[PAGE];
    new Random(page).nextBytes(noise);
    write(db, (page - 1) * PAGE, noise);
  }

  public static void write(Path db, long offset, byte... bytes) {
    try (RandomAccessFile file = new RandomAccessFile(db.toFile(), "rw")) {
      file.seek(offset);
      file.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void resize(Path db, long size) {
    try (RandomAccessFile file = new RandomAccessFile(db.toFile(), "rw")) {
      file.setLength(size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces the first occurrence of some text in the file by text of the same length. */
  public static void replace(Path db, String from, String to) {
    try {
      byte[] bytes = Files.readAllBytes(db);
      String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
      int at = text.indexOf(from);
      if (at < 0 || from.length() != to.length()) {
        throw new AssertionError("cannot replace " + from);
      }
      write(db, at, to.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs SQL that SQLite allows and no sound program would run. */
  public static void sql(Path db, String... statements) {
    try (Connection connection = Db.open(db, "rw")) {
      Db.execute(connection, "PRAGMA foreign_keys=OFF");
      Db.execute(connection, "PRAGMA writable_schema=ON");
      for (String statement : statements) {
        Db.execute(connection, statement);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Gives a table or index another definition than its content was made by. */
  public static void redefine(Path db, String name, String from, String to) {
    sql(
        db,
        "UPDATE sqlite_schema SET sql = replace(sql, '"
            + from
            + "', '"
            + to
            + "') WHERE name = '"
            + name
            + "'");
  }
}
