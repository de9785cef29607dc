import io.sqlitesafe.SafeDatabase;
import io.sqlitesafe.WriteOptions;
import io.sqlitesafe.changeset.Format;
import io.sqlitesafe.changeset.capture.CaptureMethod;
import io.sqlitesafe.changeset.capture.CaptureRequest;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;

/** Processor time of one captured UPDATE of all rows, by each method. Run by changesets.sh. */
final class CaptureCost {
  private static final int RUNS = 7;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  public static void main(String[] args) throws Exception {
    Path scratch = Path.of(args[0]);
    int rows = Integer.parseInt(args[1]);
    CaptureMethod[] methods = {null, CaptureMethod.TRIGGERS, CaptureMethod.DIFF};
    for (CaptureMethod method : methods) {
      System.out.printf(
          "%-34s %9d %9d%n",
          method == null ? "no capture (Java)" : "write --capture " + method.toString().toLowerCase(),
          median(scratch, "INTEGER", rows, method),
          median(scratch, "TEXT", rows, method));
    }
  }

  private static long median(Path scratch, String key, int rows, CaptureMethod method)
      throws Exception {
    Path file = scratch.resolve("cost.db");
    Files.deleteIfExists(file);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t(k " + key + " PRIMARY KEY, a INT, b TEXT)");
      statement.execute(
          "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x + 1 FROM c WHERE x < " + rows + ")"
              + " INSERT INTO t SELECT " + (key.equals("TEXT") ? "'key ' || x" : "x") + ", x, 'text ' || x FROM c");
    }
    WriteOptions options =
        method == null
            ? WriteOptions.DEFAULT
            : WriteOptions.DEFAULT.withCapture(
                new CaptureRequest(scratch.resolve("cost.changeset"), Format.CHANGESET, method, false, false));
    long[] millis = new long[RUNS];
    for (int run = -3; run < RUNS; run++) { // the first ones warm up
      long start = THREADS.getCurrentThreadCpuTime();
      SafeDatabase.of(file).write(options, tx -> tx.update("UPDATE t SET a = a + 1"));
      if (run >= 0) {
        millis[run] = (THREADS.getCurrentThreadCpuTime() - start) / 1_000_000;
      }
    }
    Arrays.sort(millis);
    return millis[RUNS / 2];
  }
}
