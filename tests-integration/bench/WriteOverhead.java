import io.sqlitesafe.SafeDatabase;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;

/**
 * Medians of one write with and without the lock, and of a lock directory with none, one and all of its files synced,
 * interleaved in one process. Run by overhead.sh.
 */
final class WriteOverhead {
  private interface Action {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Path scratch = Path.of(args[0]);
    int runs = Integer.parseInt(args[1]);
    Path file = scratch.resolve("app.db");
    SafeDatabase safe = SafeDatabase.of(file);
    Action[] actions = {
      () -> raw(file, false),
      () -> raw(file, true),
      () -> safe.write(tx -> tx.update("UPDATE counter SET n = n + 1")),
      () -> lockDirectory(scratch, 0),
      () -> lockDirectory(scratch, 1),
      () -> lockDirectory(scratch, 4),
    };
    String[] labels = {
      "write, no lock (open, commit, close)",
      "write, no lock, directory synced",
      "write under the lock",
      "lock directory, nothing synced",
      "lock directory, owner.json synced",
      "lock directory, all synced",
    };
    long[][] nanos = new long[actions.length][runs];
    for (int run = -20; run < runs; run++) { // the first ones warm up
      for (int i = 0; i < actions.length; i++) {
        long start = System.nanoTime();
        actions[i].run();
        if (run >= 0) {
          nanos[i][run] = System.nanoTime() - start;
        }
      }
    }
    System.out.printf("%-38s %12s %8s%n", "in one process", "median us", "ratio");
    for (int i = 0; i < actions.length; i++) {
      Arrays.sort(nanos[i]);
      int base = i < 3 ? 0 : 3;
      System.out.printf(
          "%-38s %12d %8.2f%n",
          labels[i],
          nanos[i][runs / 2] / 1000,
          (double) nanos[i][runs / 2] / nanos[base][runs / 2]);
    }
  }

  private static void raw(Path file, boolean syncDirectory) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA foreign_keys=ON");
      statement.execute("PRAGMA synchronous=FULL");
      statement.execute("BEGIN IMMEDIATE");
      statement.execute("UPDATE counter SET n = n + 1");
      statement.execute("COMMIT");
    }
    if (syncDirectory) {
      sync(file.getParent());
    }
  }

  private static void lockDirectory(Path scratch, int synced) throws IOException {
    Path dir = Files.createDirectory(scratch.resolve("x.lock.new"));
    String[] names = {"owner.json", "heartbeat", "claim"};
    for (int i = 0; i < names.length; i++) {
      Files.write(dir.resolve(names[i]), new byte[i == 2 ? 0 : 400]);
      if (i < synced) {
        sync(dir.resolve(names[i]));
      }
    }
    if (synced > names.length) {
      sync(dir);
    }
    for (String name : names) {
      Files.delete(dir.resolve(name));
    }
    Files.delete(dir);
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
