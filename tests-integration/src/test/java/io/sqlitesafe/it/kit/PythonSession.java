package io.sqlitesafe.it.kit;

import java.nio.file.Path;

/**
 * A connection of another program. In this JVM it would not do: reading the database file, as tests
 * do, drops all of a process's locks on it.
 */
public final class PythonSession implements AutoCloseable {
  private static final String SCRIPT =
      """
      import sqlite3, sys
      c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
      for line in sys.stdin:
          n, sql = line.split(' ', 1)
          print(n, c.execute(sql).fetchall(), 'done', flush=True)
      c.close()
      """;

  private final Running process;
  private int count;

  public PythonSession(Path db) {
    process = Program.of("python3", "-c", SCRIPT, db).start();
  }

  /** Runs one statement, and returns when it has been run. */
  public String execute(String sql) {
    count++;
    process.say(count + " " + sql);
    return process.awaitOut(count + " [");
  }

  /** Ends it as a program ends that closes its connection. */
  @Override
  public void close() {
    process.closeInput();
    process.await().exits(0);
  }
}
