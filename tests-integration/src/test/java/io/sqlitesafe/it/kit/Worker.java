package io.sqlitesafe.it.kit;

import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** A program that uses the Java API; run as a process of its own. */
public final class Worker {
  private Worker() {}

  public static Program program(Object... words) {
    List<Object> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java"));
    all.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:disable"));
    if (Runtime.version().feature() >= 24) {
      all.add("--enable-native-access=ALL-UNNAMED");
    }
    all.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
    all.addAll(List.of(words));
    return Program.of(all.toArray());
  }

  public static void main(String[] args) throws Exception {
    Path database = Path.of(args[1]);
    switch (args[0]) {
      case "increment" ->
          increment(
              database,
              Integer.parseInt(args[2]),
              Integer.parseInt(args[3]),
              Integer.parseInt(args[4]));
      case "carry" -> carry(database, Integer.parseInt(args[2]));
      case "insert" -> insert(database, args[2]);
      case "bank" -> bank(database, Integer.parseInt(args[2]));
      case "keep-open" -> keepOpen(database);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Has the database open until it is killed, so that nobody is the last to close its log. */
  private static void keepOpen(Path database) throws SQLException, IOException {
    try (Connection connection = Db.open(database, "rw")) {
      Db.execute(connection, "SELECT * FROM t");
      System.out.println("open");
      System.in.read();
    }
  }

  /** Moves money as {@code bank.py} does, under the lock, until its input ends. */
  private static void bank(Path database, int pauseMillis) {
    SafeDatabase safe = patient(database);
    AtomicBoolean end = new AtomicBoolean();
    Thread input =
        new Thread(
            () -> {
              try {
                end.set(System.in.read() < 0);
              } catch (IOException e) {
                end.set(true);
              }
            });
    input.setDaemon(true);
    input.start();
    while (!end.get()) {
      safe.write(
          tx -> {
            tx.rows("PRAGMA cache_size=5");
            Bank.TRANSFER.forEach(tx::update);
            return true;
          });
      System.out.println("moved");
      if (pauseMillis > 0) {
        Await.pause(pauseMillis);
      }
    }
  }

  private static SafeDatabase patient(Path database) {
    return SafeDatabase.of(
        database, Settings.defaults().withPatience(Duration.ofMinutes(10)).withCommand("worker"));
  }

  /** Threads that share one object, and threads that each have their own. */
  private static void increment(Path database, int shared, int own, int times)
      throws InterruptedException, ExecutionException {
    SafeDatabase common = patient(database);
    ExecutorService threads = Executors.newFixedThreadPool(shared + own);
    CountDownLatch start = new CountDownLatch(shared + own);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < shared + own; i++) {
      SafeDatabase mine = i < shared ? common : patient(database);
      all.add(
          threads.submit(
              () -> {
                start.countDown();
                start.await();
                for (int n = 0; n < times; n++) {
                  mine.write(tx -> tx.update("UPDATE counter SET n = n + 1"));
                }
                return null;
              }));
    }
    for (Future<?> each : all) {
      each.get();
    }
    threads.shutdown();
  }

  /**
   * Reads and writes in two transactions of a connection of its own: only the lock keeps others
   * from writing in between.
   */
  private static void carry(Path database, int times) throws SQLException {
    for (int i = 0; i < times; i++) {
      patient(database)
          .withLock(
              lock -> {
                try (Connection connection = Db.open(database, "rw");
                    Statement statement = connection.createStatement()) {
                  long n;
                  try (ResultSet row = statement.executeQuery("SELECT n FROM counter")) {
                    row.next();
                    n = row.getLong(1);
                  }
                  lock.ensureHeld();
                  statement.executeUpdate("UPDATE counter SET n = " + (n + 1));
                  return n;
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
    }
  }

  /**
   * Inserts a big transaction after the other, and prints the number of each once it is durable.
   */
  private static void insert(Path database, String run) {
    SafeDatabase safe = patient(database);
    for (int i = 0; ; i++) {
      int number = i;
      safe.write(
          tx -> {
            // A cache of a few pages makes SQLite write to the file before the commit.
            tx.rows("PRAGMA cache_size=5");
            tx.update("UPDATE filler SET body = randomblob(900)");
            return tx.update("INSERT INTO log VALUES(?, ?)", run, number);
          });
      System.out.println("ack " + number);
    }
  }
}
