package io.sqlitesafe.it.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A database seen past the program under test: by plain JDBC, and by the files beside it. */
public final class Db {
  /** A legal file name with everything that goes wrong in shells, URIs and character sets. */
  public static final String AWKWARD = "it's a \"d?b\" #1 100%41 ü☃ .db";

  private Db() {}

  /** A new database, made without the program under test. */
  public static Path create(Path directory, String name, String... sql) {
    Path file = directory.resolve(name);
    try (Connection connection = open(file, "rwc");
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.executeUpdate(each);
      }
      return file;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** As the counter of the contention tests. */
  public static Path counter(Path directory) {
    return create(
        directory, AWKWARD, "CREATE TABLE counter(n INT)", "INSERT INTO counter VALUES(0)");
  }

  public static Connection open(Path file, String mode) throws SQLException {
    String path =
        URLEncoder.encode(file.toAbsolutePath().toString(), StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("%2F", "/");
    return DriverManager.getConnection("jdbc:sqlite:file:" + path + "?mode=" + mode);
  }

  public static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  public static long integer(Path file, String sql) {
    return Long.parseLong(column(file, sql).get(0));
  }

  /** The first column of every row. */
  public static List<String> column(Path file, String sql) {
    List<String> values = new ArrayList<>();
    try (Connection connection = open(file, "rw");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  public static void assertSound(Path file) {
    assertEquals(List.of("ok"), column(file, "PRAGMA integrity_check"));
  }

  /** Nothing of the lock, and no journal, is left beside the database. */
  public static void assertNoLeftovers(Path file) {
    assertEquals(List.of(), beside(file));
  }

  /** Names beside the database that begin with its name. */
  public static List<String> beside(Path file) {
    String name = file.getFileName().toString();
    try (Stream<Path> entries = Files.list(file.toAbsolutePath().getParent())) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(entry -> entry.startsWith(name) && !entry.equals(name))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path sibling(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  public static String sha256(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
