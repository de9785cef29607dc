package io.sqlitesafe.cli.input;

import io.sqlitesafe.error.ErrorKind;
import io.sqlitesafe.error.SqliteSafeException;
import io.sqlitesafe.sql.SqlSplitter;
import io.sqlitesafe.sql.SqlStatement;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The SQL of one command, from arguments, files and standard input, that can be gone through more
 * than once: first without the lock, to refuse what is not allowed, then with it. Standard input is
 * taken in whole before that, so that nobody waits for a slow producer; beyond a few megabytes into
 * a temporary file.
 */
public final class SqlSource implements AutoCloseable {
  /** Longer ones belong into parameters; SQLite itself would take up to 1,000,000,000 bytes. */
  private static final int MAX_STATEMENT_CHARS = 64 << 20;

  private static final int IN_MEMORY = 8 << 20;

  private record Part(String name, Opener opener) {}

  private interface Opener {
    InputStream open() throws IOException;
  }

  private final List<Part> parts = new ArrayList<>();
  private final List<Path> temporary = new ArrayList<>();

  /** Files first, in their order, then arguments; {@code -} or nothing at all is standard input. */
  public static SqlSource of(List<Path> files, List<String> arguments, InputStream stdin) {
    SqlSource source = new SqlSource();
    try {
      for (Path file : files) {
        source.addFile(file, stdin);
      }
      for (String argument : arguments) {
        if (argument.equals("-")) {
          source.addStdin(stdin);
        } else {
          requireWhole(argument);
          byte[] sql = argument.getBytes(StandardCharsets.UTF_8);
          source.parts.add(new Part("the SQL argument", () -> new ByteArrayInputStream(sql)));
        }
      }
      if (source.parts.isEmpty()) {
        source.addStdin(stdin);
      }
      return source;
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static void requireWhole(String sql) {
    if (JsonText.hasLoneSurrogate(sql)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE,
          "the SQL contains half a surrogate pair, which is no character",
          "write the whole character, or bytes as x'...'");
    }
  }

  private void addFile(Path file, InputStream stdin) {
    if (file.toString().equals("-")) {
      addStdin(stdin);
      return;
    }
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new SqliteSafeException(
          ErrorKind.USAGE, "cannot read the SQL file " + file, "check the name given by --file");
    }
    parts.add(new Part(file.toString(), () -> Files.newInputStream(file)));
  }

  private void addStdin(InputStream stdin) {
    try {
      byte[] start = stdin.readNBytes(IN_MEMORY);
      if (start.length < IN_MEMORY) {
        parts.add(new Part("standard input", () -> new ByteArrayInputStream(start)));
        return;
      }
      Path spool = Files.createTempFile("sqlite-safe-", ".sql");
      temporary.add(spool);
      try (var out = Files.newOutputStream(spool)) {
        out.write(start);
        stdin.transferTo(out);
      }
      parts.add(new Part("standard input", () -> Files.newInputStream(spool)));
    } catch (IOException e) {
      throw new SqliteSafeException(
          ErrorKind.FAILED, "cannot read SQL from standard input: " + e.getMessage(), null, e);
    }
  }

  /** Every statement in order; stops at the first exception of {@code action}. */
  public void forEach(Consumer<SqlStatement> action) {
    int number = 0;
    for (Part part : parts) {
      try (Reader reader = new Utf8Reader(part.opener().open(), part.name())) {
        SqlSplitter splitter = new SqlSplitter(reader, MAX_STATEMENT_CHARS);
        for (SqlStatement next = splitter.next(); next != null; next = splitter.next()) {
          number++;
          action.accept(new SqlStatement(next.sql(), number, next.line()));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    for (Path file : temporary) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException leftToTheSystem) {
        // it is in the directory for temporary files
      }
    }
  }
}
