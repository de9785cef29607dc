package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import io.sqlitesafe.it.kit.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Extensions that are loaded on request: a small one that the test compiles, with a function and a
 * collation that the schema needs, and SpatiaLite where it is installed.
 */
class ExtensionIT {
  private static final String SOURCE =
      """
      #include "sqlite3ext.h"
      SQLITE_EXTENSION_INIT1
      static int backwards(void *p, int n, const void *a, int m, const void *b) {
        const unsigned char *x = a, *y = b;
        while (n > 0 && m > 0) {
          int d = x[--n] - y[--m];
          if (d) return d;
        }
        return n - m;
      }
      static void twice(sqlite3_context *c, int n, sqlite3_value **v) {
        sqlite3_result_int64(c, 2 * sqlite3_value_int64(v[0]));
      }
      int other_entry(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
        SQLITE_EXTENSION_INIT2(api);
        sqlite3_create_function(db, "twice", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, 0, twice, 0, 0);
        return sqlite3_create_collation(db, "backwards", SQLITE_UTF8, 0, backwards);
      }
      int sqlite3_extension_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
        return other_entry(db, error, api);
      }
      """;

  @TempDir static Path home;
  private static Path library;

  @TempDir Path directory;
  private Path database;
  private Path replica;

  @BeforeAll
  static void compile() throws IOException {
    assumeTrue(Program.exists("gcc"), "no gcc to compile an extension");
    assumeTrue(
        Files.exists(Path.of("/usr/include/sqlite3ext.h")), "no libsqlite3-dev to compile one");
    assumeTrue(Program.exists("sqlite3"), "no sqlite3 to make the database");
    Path source = home.resolve("e x't.c");
    Files.writeString(source, SOURCE);
    library = home.resolve("e x't.so");
    Program.of("gcc", "-shared", "-fPIC", "-o", library, source).run().exits(0);
  }

  @BeforeEach
  void make() throws IOException {
    database = directory.resolve("app.db");
    Program.of(
            "sqlite3",
            "-cmd",
            ".load \"" + library + "\"",
            database,
            "CREATE TABLE t(a TEXT COLLATE backwards PRIMARY KEY, b INT CHECK(twice(b) > 0));"
                + " CREATE INDEX i ON t(twice(b)); INSERT INTO t VALUES('xa', 1), ('ab', 2);"
                + " CREATE TABLE log(n); CREATE TRIGGER tr AFTER INSERT ON t BEGIN"
                + " INSERT INTO log VALUES(twice(new.b)); END")
        .run()
        .exits(0);
    replica = Files.copy(database, directory.resolve("replica.db"));
  }

  private static Result with(Object... words) {
    Object[] all = new Object[words.length + 2];
    System.arraycopy(words, 0, all, 0, words.length);
    all[words.length] = "--load-extension";
    all[words.length + 1] = library;
    return Cli.run(all);
  }

  @Test
  void readsWritesAndChecksWhatNeedsIt() {
    Cli.run("integrity-check", database).exits(3);
    Cli.run("write", database, "INSERT INTO t VALUES('zz', 3)").exits(1).says("--load-extension");
    with("integrity-check", database).exits(0);
    with("write", database, "INSERT INTO t VALUES('zz', 3)").exits(0);
    with("write", database, "INSERT INTO t VALUES('yy', 0)").exits(1).says("CHECK");
    assertEquals(
        "xa\nab\nzz\n",
        with("read", database, "SELECT a FROM t ORDER BY a", "--format", "list").out());
    with("integrity-check", database).exits(0);
    Db.assertNoLeftovers(database);
  }

  /** Rows out of the order of the collation: damage, which without it nobody can see. */
  @Test
  void findsTheDamageThatOnlyTheCollationShows() {
    Path other = directory.resolve("other.db");
    Program.of(
            "sqlite3",
            other,
            "CREATE TABLE t(a TEXT COLLATE nocase PRIMARY KEY); INSERT INTO t VALUES('ab'), ('ba');"
                + " PRAGMA writable_schema=ON;"
                + " UPDATE sqlite_schema SET sql=replace(sql, 'nocase', 'backwards')")
        .run()
        .exits(0);
    Cli.run("integrity-check", other).exits(3);
    with("integrity-check", other).exits(14);
  }

  /** Without the collation its order is unknown, but a page is as damaged as any. */
  @Test
  void aDamagedIndexIsFoundWithoutIt() throws IOException {
    Path other = directory.resolve("keys.db");
    Program.of(
            "sqlite3",
            "-cmd",
            ".load \"" + library + "\"",
            other,
            "PRAGMA page_size=1024; CREATE TABLE p(a TEXT COLLATE backwards PRIMARY KEY);"
                + " CREATE TABLE c(a REFERENCES p);"
                + " WITH RECURSIVE n(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM n WHERE x < 999)"
                + " INSERT INTO p SELECT 'row ' || x FROM n; INSERT INTO c SELECT a FROM p")
        .run()
        .exits(0);
    // The foreign key of a sound one cannot be followed: that is told, and is no damage.
    Result sound = Cli.run("integrity-check", other).exits(3);
    assertTrue(sound.out().contains("foreign keys of c could not be checked"), sound::toString);
    byte[] bytes = Files.readAllBytes(other);
    int leaf = 0;
    for (int page = 3; page < bytes.length / 1024; page++) {
      leaf = bytes[page * 1024] == 10 ? page : leaf;
    }
    java.util.Arrays.fill(bytes, leaf * 1024 + 3, leaf * 1024 + 40, (byte) 0xff);
    Files.write(other, bytes);
    Result damaged = Cli.run("integrity-check", other).exits(14);
    assertTrue(damaged.out().contains("page " + (leaf + 1)), damaged::toString);
    Cli.run("backup", "--verify", "full", other, directory.resolve("backup.db")).exits(14);
  }

  @Test
  void changesetsOfTablesThatNeedIt() {
    Path changeset = directory.resolve("changeset");
    with("write", database, "INSERT INTO t VALUES('zz', 3)", "--changeset", changeset).exits(0);
    with(
            "write",
            database,
            "UPDATE t SET b=8 WHERE a='xa'",
            "--changeset",
            directory.resolve("second"),
            "--verify-capture")
        .exits(0);
    Cli.run("changeset", "apply", replica, changeset).exits(13).says("--load-extension");
    with("changeset", "verify", changeset, "--db", replica).exits(0);
    with("changeset", "apply", replica, changeset, directory.resolve("second")).exits(0);
    Path exported = directory.resolve("exported");
    with("changeset", "export", database, "--since", replica, "--exclude", "log", "-o", exported)
        .exits(0);
    assertEquals(0, exported.toFile().length());
  }

  @Test
  void theShellLoadsIt() {
    Result result =
        Cli.command("shell", database)
            .input(
                ".load \""
                    + library
                    + "\" other_entry\nSELECT twice(4);\nINSERT INTO t VALUES('ww', 9);\n"
                    + "SELECT count(*) FROM t;\nBEGIN;\nINSERT INTO t VALUES('vv', 9);\nCOMMIT;\n")
            .run()
            .exits(0);
    assertEquals("8\n3\n", result.out());
    with("shell", database).exits(0);
    Cli.command("shell", database).input("SELECT twice(4);\n").run().exits(1);
  }

  /** Only the library that was named, only while connections open, and not from SQL. */
  @Test
  void nothingElseCanLoadOne() {
    String sql = "SELECT load_extension('" + library.toString().replace("'", "''") + "')";
    Cli.run("read", database, sql).exits(1).says("not authorized");
    with("read", database, sql).exits(1).says("not authorized");
    with("write", database, sql).exits(1).says("not authorized");
    Cli.command("shell", database)
        .input(".load \"" + library + "\"\n" + sql + ";\n")
        .run()
        .exits(1)
        .says("not authorized");
  }

  @Test
  void oneThatIsMissingIsNamed() throws IOException {
    Path no = directory.resolve("no.so");
    Files.writeString(no, "no library");
    for (String name : List.of("./nowhere/x.so", "mod_of_nobody", no.toString())) {
      Result result = Cli.run("write", database, "SELECT 1", "--load-extension", name).exits(2);
      assertTrue(result.err().contains("extension"), result::toString);
      Db.assertNoLeftovers(database);
    }
    Cli.command("shell", database).input(".load mod_of_nobody\n").run().exits(2);
    Result later =
        Cli.command("shell", database)
            .input(".bail off\n.load mod_of_nobody\nSELECT count(*) FROM log;\n")
            .run();
    assertEquals("0\n", later.out());
  }

  @Test
  void spatialite() {
    Path module = Path.of("/usr/lib/x86_64-linux-gnu/mod_spatialite.so");
    if (!Files.exists(module)) {
      System.out.println("no libsqlite3-mod-spatialite: not tried with it");
    }
    assumeTrue(Files.exists(module), "no libsqlite3-mod-spatialite");
    Result result =
        Cli.run(
                "read",
                database,
                "SELECT AsText(Buffer(GeomFromText('POINT(1 2)'), 0)) IS NOT NULL,"
                    + " ST_Distance(MakePoint(0, 0), MakePoint(3, 4)) AS d",
                "--format",
                "list",
                "--load-extension",
                "mod_spatialite")
            .exits(0);
    assertTrue(result.out().contains("5.0"), result::toString);
    Path geo = directory.resolve("geo.db");
    Cli.run(
            "write",
            "--create",
            geo,
            "--load-extension",
            "mod_spatialite",
            "SELECT InitSpatialMetaData(0); CREATE TABLE p(id INTEGER PRIMARY KEY);"
                + " SELECT AddGeometryColumn('p', 'g', 4326, 'POINT', 'XY');"
                + " SELECT CreateSpatialIndex('p', 'g');"
                + " INSERT INTO p(g) VALUES(MakePoint(1, 2, 4326))")
        .exits(0);
    // Its triggers use its functions.
    Cli.run("write", geo, "INSERT INTO p(g) VALUES(x'00')").exits(1).says("--load-extension");
    Cli.run("integrity-check", geo, "--load-extension", "mod_spatialite").exits(0);
    assertFalse(Files.exists(directory.resolve("geo.db-journal")));
  }
}
