package io.sqlitesafe.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sqlitesafe.it.kit.Cli;
import io.sqlitesafe.it.kit.Content;
import io.sqlitesafe.it.kit.Db;
import io.sqlitesafe.it.kit.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases that other programs of this machine have made; only copies of them are written to. */
class RealFilesIT {
  private static final List<String> FOLDERS = List.of("/usr", "/var/lib", "/var/cache", "/etc");
  private static final long MAX_BYTES = 20_000_000;
  private static final int MOST = Cli.LONG ? 50 : 5;

  @TempDir Path directory;

  @Test
  void thePackageDatabaseOfRpm() {
    assumeTrue(Program.exists("rpm"), "rpm is not installed: no database of it");
    Program.of("rpm", "--dbpath", directory, "--initdb").run().exits(0);
    Path db = directory.resolve("rpmdb.sqlite");
    assumeTrue(Files.exists(db), "this rpm keeps no SQLite database");
    Cli.run("write", db, "INSERT INTO Packages(blob) VALUES(x'01'), (x'0203'), (x'04')").exits(0);
    wholeLife(
        db,
        "UPDATE Packages SET blob = x'ff' WHERE hnum < 3; DELETE FROM Packages WHERE hnum = 3;"
            + " INSERT INTO Packages(blob) VALUES(zeroblob(100000))");
    Program.of("rpm", "--dbpath", directory, "--verifydb").run().exits(0);
  }

  @Test
  void whatLiesOnThisMachine() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String folder : FOLDERS) {
      find(Path.of(folder), found);
    }
    assumeFalse(found.isEmpty(), "no SQLite database in " + String.join(", ", FOLDERS));
    for (Path file : found.subList(0, Math.min(MOST, found.size()))) {
      Path db = directory.resolve("copy of " + file.getFileName());
      Cli.run("backup", file, db).exits(0);
      assertEquals(Content.of(file), Content.of(db), file::toString);
      Cli.run("integrity-check", db).exits(0);
      String table = keyed(db);
      if (!table.isEmpty()) {
        wholeLife(db, "DELETE FROM \"" + table.replace("\"", "\"\"") + "\"");
      }
    }
  }

  /** A table with rows and a declared key, whose changes a changeset carries; or "". */
  private static String keyed(Path db) {
    for (Map.Entry<String, List<String>> table : Content.of(db).entrySet()) {
      String quoted = table.getKey().replace("'", "''");
      if (!table.getValue().isEmpty()
          && Db.integer(db, "SELECT max(pk) FROM pragma_table_info('" + quoted + "')") > 0) {
        return table.getKey();
      }
    }
    return "";
  }

  private void wholeLife(Path db, String change) {
    Path base = directory.resolve("base.db");
    Path other = directory.resolve("other.db");
    Path changes = directory.resolve("changes");
    Path exported = directory.resolve("exported");
    Cli.run("backup", db, base).exits(0);
    Map<String, List<String>> before = Content.of(db);
    Cli.run("write", db, change, "--changeset", changes).exits(0);
    Map<String, List<String>> after = Content.of(db);
    assertNotEquals(before, after);
    Cli.run("changeset", "export", db, "--since", base, "-o", exported).exits(0);
    for (Path changeset : List.of(changes, exported)) {
      Cli.run("copy", "--overwrite", base, other).exits(0);
      Cli.run("changeset", "apply", other, changeset).exits(0);
      assertEquals(after, Content.of(other));
    }
    Cli.run("changeset", "apply", "--invert", other, changes).exits(0);
    assertEquals(before, Content.of(other));
    Cli.run("restore", base, db).exits(0);
    assertEquals(before, Content.of(db));
    Cli.run("integrity-check", db, base, other).exits(0);
    assertEquals("free", Cli.verdict(db));
  }

  private static void find(Path folder, List<Path> found) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = String.valueOf(file.getFileName());
            boolean candidate = name.matches(".*\\.(db|sqlite|sqlite3)");
            if (candidate && attributes.isRegularFile() && attributes.size() <= MAX_BYTES) {
              addIfSqlite(file, found);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException denied) {
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void addIfSqlite(Path file, List<Path> found) {
    try (InputStream in = Files.newInputStream(file)) {
      String magic = new String(in.readNBytes(16), StandardCharsets.ISO_8859_1);
      if (magic.equals("SQLite format 3\0")) {
        found.add(file);
      }
    } catch (IOException denied) {
      // not for us
    }
  }
}
