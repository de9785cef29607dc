import io.sqlitesafe.changeset.ApplyOptions;
import io.sqlitesafe.changeset.ChangesetApply;
import io.sqlitesafe.changeset.ChangesetReader;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.sqlite.SQLiteConnection;

/**
 * What applying a changeset costs, beside SQLite's own: databases in memory, the changeset captured by the oracle. Run by
 * changeset-apply.sh.
 */
final class ApplyCost {
  private static final String[][] CASES = {
    {"100k updates, integer key", "id INTEGER PRIMARY KEY", "UPDATE t SET n = n + 1 WHERE id <= 100000"},
    {"100k updates, text key", "id TEXT PRIMARY KEY", "UPDATE t SET n = n + 1 WHERE n < 100000"},
    {"100k inserts", "id INTEGER PRIMARY KEY",
        "INSERT INTO t SELECT id + 200000, item, n, price, note FROM t WHERE id <= 100000"},
    {"100k deletes", "id INTEGER PRIMARY KEY", "DELETE FROM t WHERE id <= 100000"},
  };

  public static void main(String[] args) throws Exception {
    Process oracle = new ProcessBuilder("python3", args[0]).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedWriter ask = oracle.outputWriter();
    BufferedReader answers = oracle.inputReader();
    System.out.printf("%-28s %12s %12s %8s%n", "median of 5, ms", "session", "ours", "times");
    for (String[] each : CASES) {
      byte[] database = database(each[1]);
      String answer = ask(ask, answers, "{\"op\":\"capture\",\"db\":\"" + base64(database) + "\",\"sql\":[\"" + each[2] + "\"]}");
      byte[] changeset = Base64.getDecoder().decode(member(answer, "changeset"));
      List<Double> theirs = new ArrayList<>();
      List<Double> ours = new ArrayList<>();
      String apply = "{\"op\":\"apply\",\"policy\":{},\"db\":\"" + base64(database) + "\",\"changeset\":\"" + base64(changeset) + "\"}";
      for (int i = 0; i < 8; i++) {
        double their = Double.parseDouble(member(ask(ask, answers, apply), "cpuMs"));
        double our = ours(database, changeset);
        if (i > 2) { // the first ones warm up
          theirs.add(their);
          ours.add(our);
        }
      }
      double a = median(theirs);
      double b = median(ours);
      System.out.printf("%-28s %12.0f %12.0f %8.2f%n", each[0], a, b, b / a);
    }
    oracle.destroy();
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static String ask(BufferedWriter ask, BufferedReader answers, String question) throws Exception {
    ask.write(question + "\n");
    ask.flush();
    return answers.readLine();
  }

  private static String member(String json, String name) {
    int start = json.indexOf("\"" + name + "\": ") + name.length() + 4;
    String rest = json.substring(start);
    return rest.startsWith("\"") ? rest.substring(1, rest.indexOf('"', 1)) : rest.split("[,}]")[0];
  }

  private static byte[] database(String key) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE t(" + key + ", item TEXT, n INT, price REAL, note TEXT)");
      statement.executeUpdate("CREATE INDEX i ON t(n)");
      statement.executeUpdate(
          "WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM c WHERE i<200000)"
              + " INSERT INTO t SELECT i, 'item ' || i, i, i * 1.5, NULL FROM c");
      return ((SQLiteConnection) connection).serialize("main");
    }
  }

  private static double ours(byte[] database, byte[] changeset) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("jdbc.get_generated_keys", "false"); // as this library opens them
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:", properties)) {
      ((SQLiteConnection) connection).deserialize("main", database);
      var threads = java.lang.management.ManagementFactory.getThreadMXBean();
      long start = threads.getCurrentThreadCpuTime();
      try (ChangesetApply apply = ChangesetApply.begin(connection, ApplyOptions.DEFAULT);
          ChangesetReader reader = ChangesetReader.of(changeset, "bench")) {
        apply.add(reader);
        apply.finish();
      }
      return (threads.getCurrentThreadCpuTime() - start) / 1e6;
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
