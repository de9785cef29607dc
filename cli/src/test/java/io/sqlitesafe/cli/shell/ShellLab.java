package io.sqlitesafe.cli.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sqlitesafe.Settings;
import io.sqlitesafe.cli.output.rows.ShellFormat;
import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.error.SqliteSafeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A shell whose output is caught; and the sqlite3 shell to compare it with. */
public final class ShellLab implements AutoCloseable {
  private final Path directory;
  private final Path file;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<String> notes = new ArrayList<>();
  private final Shell shell;

  /** On a new database that {@code sql} makes. */
  public ShellLab(Path directory, String... sql) {
    this.directory = directory;
    this.file = directory.resolve("app.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      for (String each : sql) {
        statement.executeUpdate(each);
      }
      if (sql.length == 0) {
        statement.executeUpdate("PRAGMA user_version=1");
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    shell =
        new Shell(
            file,
            Settings.defaults().withPatience(Duration.ofSeconds(5)),
            false,
            ShellFormat.LIST,
            out,
            null,
            notes::add);
    shell.setDirectory(directory);
  }

  public Shell shell() {
    return shell;
  }

  Path file() {
    return file;
  }

  List<String> notes() {
    return notes;
  }

  /** Runs a script and returns what it prints. */
  String run(String script) {
    out.reset();
    new Script(shell, new Cancellation()).run(new StringReader(script));
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Runs a script and returns the bytes that it prints. */
  byte[] bytes(String script) {
    run(script);
    return out.toByteArray();
  }

  /** Runs what must fail, and returns what a person would be told. */
  String error(String script) {
    return shell.describe(assertThrows(SqliteSafeException.class, () -> run(script)));
  }

  static boolean hasSqlite3() {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Path.of(folder, "sqlite3").toFile().canExecute());
  }

  /** What the sqlite3 shell prints for the same script on a file. */
  String sqlite3(Path database, String script) {
    try {
      Path input = directory.resolve("input.sql");
      Path output = directory.resolve("output.txt");
      java.nio.file.Files.writeString(input, script);
      Process process =
          new ProcessBuilder("sqlite3", "-batch", database.toString())
              .directory(directory.toFile())
              .redirectInput(input.toFile())
              .redirectOutput(output.toFile())
              .redirectErrorStream(true)
              .start();
      process.waitFor(60, TimeUnit.SECONDS);
      String text = java.nio.file.Files.readString(output);
      assertEquals(0, process.exitValue(), text);
      return text;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    shell.close();
  }
}
